'use client'

import { useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { toast } from 'sonner'
import { pagePath } from '@/components/collection-path'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Steps } from '@/components/layout/steps'
import { usePageLock } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { useCollectionWords } from '@/components/use-collection-words'
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
  /** The upload: a presigned URL straight from the store, and the ETag it was shown with. */
  source: { url: string; etag: string }
  /** Of the crop that the page's address names. */
  recipe: Recipe | null
  /** A crop that was applied already: it is shown at once. */
  drawn: CropAnswer | null
  /** The head of the trail that this page shows. */
  seen: TrailId | null
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
}

/** The steps crop and save: one screen that either edits or previews. All its state is in the page's address. */
export function CropStep({ uploadId, collection, source, recipe: drawnRecipe, drawn, seen, saveImage }: CropStepProps) {
  const translate = useTranslations('crop')
  const word = useCollectionWords(collection)
  const router = useRouter()
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  // Read here and not on the server: Back restores the page as it was first rendered, at the address as it is now.
  const address = useSearchParams()
  const [given] = useState(() => recipeFromParams(Object.fromEntries(address)) ?? drawnRecipe)
  const [keepsOriginal, setKeepsOriginal] = useState(() => address.get('original') !== 'no')
  const [answer, setAnswer] = useState(drawn)
  const [isAsking, setIsAsking] = useState(false)
  // Until something is changed, the address is right as it is.
  const [isKept, setIsKept] = useState(false)

  const applying = useApply(setAnswer)
  const editor = useEditor(collection.aspect, given, () => {
    setIsKept(true)
    applying.cancel()
  })
  const recipe = editor.editing?.recipe ?? given
  useCropUrl(isKept ? recipe : null, answer?.cropId ?? null, keepsOriginal)

  const saving = useSave(
    saveImage,
    (image) => {
      toast.success(translate('saved'))
      // The header shows the default collection's photo.
      const isHeaderPhoto = image.current && collection.name === defaultCollection.name
      announcePhotoChange(isHeaderPhoto ? image.variants.at(-1) : undefined)
      router.push(pagePath('gallery', collection))
    },
    (failure) => {
      if (failure.code !== 'draft_gone') return
      backToEditing()
      applying.fail(failure)
    },
  )

  usePageLock(applying.busy || saving.busy || isAsking)

  const mode = answer ? 'preview' : 'edit'
  const shownMode = useRef(mode)
  useEffect(() => {
    // The screen has changed under a button that is gone: go on from the top of the new one.
    if (shownMode.current !== mode) heading.current?.focus()
    shownMode.current = mode
  }, [mode])

  function apply() {
    if (!recipe) return
    setIsKept(true)
    applying.apply({ uploadId, ...recipe, etag: source.etag })
  }

  function chooseOriginal(keepOriginal: boolean) {
    setIsKept(true)
    setKeepsOriginal(keepOriginal)
  }

  function save(keepOriginal: boolean) {
    if (!answer) return
    chooseOriginal(keepOriginal)
    saving.save({ uploadId, cropId: answer.cropId, seen, keepOriginal })
  }

  function backToEditing() {
    saving.forget()
    setIsKept(true)
    setAnswer(null)
  }

  function leave() {
    // While the crop is drawn or waited for, that is what is cancelled, and the edits stay.
    if (applying.busy) applying.stop()
    else if (editor.isChanged) setIsAsking(true)
    else router.push(pagePath('upload', collection))
  }

  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || saving.busy) return
    if (answer) backToEditing()
    else leave()
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onEscape(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])

  return (
    <section aria-labelledby={headingId}>
      <Steps current={answer ? 'save' : 'crop'} />
      <h1 ref={heading} id={headingId} tabIndex={-1} className="font-semibold text-2xl tracking-tight outline-none">
        {mode === 'edit' ? word('crop.heading.edit') : translate('heading.preview')}
      </h1>
      {answer ? (
        <CropPreview
          answer={answer}
          area={recipe?.area ?? null}
          collection={collection}
          keepsOriginal={keepsOriginal}
          onKeepsOriginal={chooseOriginal}
          saving={saving}
          onSave={save}
          onBack={backToEditing}
        />
      ) : (
        <CropEditor url={source.url} collection={collection} editor={editor}>
          {applying.failure && (
            <FailureNotice failure={applying.failure}>
              <RecoveryActions code={applying.failure.code} onRetry={apply} />
            </FailureNotice>
          )}
          <div className="flex flex-wrap gap-3">
            <Button
              look="primary"
              size="large"
              className="grow"
              disabled={!editor.editing}
              busy={applying.busy}
              onClick={apply}
            >
              {translate('apply')}
            </Button>
            <Button size="large" onClick={leave}>
              {translate('leave')}
            </Button>
          </div>
          <p role="status" className="text-muted text-sm empty:sr-only">
            {applying.busy &&
              (applying.waitSeconds ? translate('waiting', { seconds: applying.waitSeconds }) : translate('applying'))}
            {applying.isStopped && translate('stopped')}
          </p>
        </CropEditor>
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
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
