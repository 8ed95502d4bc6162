'use client'

import { useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Steps } from '@/components/layout/steps'
import { usePageLock } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import { type Collection, defaultCollection } from '@/lib/images/collections'
import type { CropAnswer, Recipe, SavedImage, SaveRequest, TrailId, UploadId } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { CropEditor } from './crop-editor'
import { CropPreview } from './crop-preview'
import { recipeFromParams } from './recipe-params'
import { RecoveryActions } from './recovery-actions'
import { useApply } from './use-apply'
import { useCropUrl } from './use-crop-url'
import { useEditor } from './use-editor'
import { useSave } from './use-save'

interface CropStepProps {
  uploadId: UploadId
  collection: Collection
  /** The upload: its presigned URL and ETag. */
  source: { url: string; etag: string }
  /** The recipe of the crop in the page's address. */
  appliedRecipe: Recipe | null
  /** The crop in the page's address, if it was applied: the page opens with its preview. */
  appliedCrop: CropAnswer | null
  /** The head of the trail when the page was rendered. */
  seen: TrailId | null
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
}

/** The crop and save steps: one screen that either edits or previews. All its state is in the page's address. */
export function CropStep({ uploadId, collection, source, appliedRecipe, appliedCrop, seen, saveImage }: CropStepProps) {
  const translate = useTranslations('crop')
  const word = useCollectionWords(collection)
  const router = useRouter()
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  // Read in the browser: Back restores the page as first rendered, but with its latest address.
  const address = useSearchParams()
  const [initialRecipe] = useState(() => recipeFromParams(Object.fromEntries(address)) ?? appliedRecipe)
  const [keepsOriginal, setKeepsOriginal] = useState(() => address.get('original') !== 'no')
  const [crop, setCrop] = useState(appliedCrop)
  const [isConfirming, setIsConfirming] = useState(false)
  // The address needs no update before the first change.
  const [isTouched, setIsTouched] = useState(false)

  const applying = useApply(setCrop)
  const editor = useEditor(collection.aspect, initialRecipe, () => {
    setIsTouched(true)
    applying.cancel()
  })
  const recipe = editor.editing?.recipe ?? initialRecipe
  useCropUrl(isTouched ? recipe : null, crop?.cropId ?? null, keepsOriginal)

  const saving = useSave(
    saveImage,
    (image) => {
      toast.success(word('crop.saved'))
      // The header shows the default collection's photo.
      const isHeaderPhoto = image.current && collection.name === defaultCollection.name
      announcePhotoChange(isHeaderPhoto ? image.variants.at(-1) : undefined)
      router.push(pagePath('gallery', collection))
    },
    (failure) => {
      if (failure.code !== 'draft_gone') return
      backToEditing()
      applying.fail({ ...failure, sentence: translate('gone') })
    },
  )

  usePageLock(applying.busy || saving.busy || isConfirming)

  const mode = crop ? 'preview' : 'edit'
  const shownMode = useRef(mode)
  useEffect(() => {
    // The pressed button is gone, so move the focus to the new screen's heading.
    if (shownMode.current !== mode) heading.current?.focus()
    shownMode.current = mode
  }, [mode])

  function apply() {
    if (!editor.editing) return
    setIsTouched(true)
    const { recipe, subject } = editor.editing
    applying.apply({ uploadId, ...recipe, etag: source.etag, shown: subject.image })
  }

  function chooseOriginal(keepOriginal: boolean) {
    setIsTouched(true)
    setKeepsOriginal(keepOriginal)
  }

  function save(keepOriginal: boolean) {
    if (!crop) return
    chooseOriginal(keepOriginal)
    saving.save({ uploadId, cropId: crop.cropId, seen, keepOriginal })
  }

  function backToEditing() {
    saving.forget()
    setIsTouched(true)
    setCrop(null)
  }

  function leave() {
    // During a crop request, Cancel stops the request and keeps the edits.
    if (applying.busy) applying.stop()
    else if (editor.isChanged) setIsConfirming(true)
    else router.push(pagePath('upload', collection))
  }

  function applyStatus(): string {
    if (applying.busy) {
      return applying.waitSeconds ? translate('waiting', { seconds: applying.waitSeconds }) : translate('applying')
    }
    return applying.isStopped ? translate('stopped') : ''
  }

  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || saving.busy) return
    if (crop) backToEditing()
    else leave()
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onEscape(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])

  const headingElement = (
    <h1 ref={heading} id={headingId} tabIndex={-1} className="truncate font-semibold text-lg outline-none">
      {mode === 'edit' ? word('crop.heading.edit') : translate('heading.preview')}
    </h1>
  )

  return (
    <section aria-labelledby={headingId}>
      {crop ? (
        <>
          <Steps current="save" />
          {headingElement}
          <CropPreview
            crop={crop}
            area={recipe?.area ?? null}
            collection={collection}
            keepsOriginal={keepsOriginal}
            onKeepsOriginal={chooseOriginal}
            saving={saving}
            onSave={save}
            onBack={backToEditing}
          />
        </>
      ) : (
        <CropEditor
          url={source.url}
          collection={collection}
          editor={editor}
          heading={headingElement}
          onClose={leave}
          status={
            <>
              {applying.failure && (
                <FailureNotice failure={applying.failure} sentence={applying.failure.sentence}>
                  <RecoveryActions code={applying.failure.code} onRetry={apply} />
                </FailureNotice>
              )}
              <p role="status" className="text-muted text-sm empty:sr-only">
                {applyStatus()}
              </p>
            </>
          }
          actions={
            <Button
              look="primary"
              size="large"
              className="w-full"
              disabled={!editor.editing}
              busy={applying.busy}
              onClick={apply}
            >
              {translate('apply')}
            </Button>
          }
        />
      )}
      <ConfirmDialog
        open={isConfirming}
        onOpenChange={setIsConfirming}
        title={translate('leaving.title')}
        description={translate('leaving.text')}
        confirmLabel={translate('leaving.confirm')}
        cancelLabel={translate('leaving.cancel')}
        onConfirm={() => router.push(pagePath('upload', collection))}
        danger
      />
    </section>
  )
}
