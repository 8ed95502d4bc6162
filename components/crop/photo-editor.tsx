'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import type { StoredUpload } from '@/components/flow/flow-context'
import { FailureNotice } from '@/components/layout/failure-notice'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { shownToasts, toast } from '@/components/ui/toast'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import { type Collection, defaultCollection } from '@/lib/images/collections'
import type { CropAnswer, Recipe, SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { CropEditor } from './crop-editor'
import { isSameRecipe } from './crop-geometry'
import { CropPreview } from './crop-preview'
import { KeepOriginal } from './keep-original'
import { forgetCrop, knownCrop, rememberCrop, sameCrop } from './known-crops'
import { recipeFromParams } from './recipe-params'
import { RecoveryActions, SaveFailure } from './recovery-actions'
import { editorSearch, isPushedPreview, pushPreview, useCropUrl, writeSearch } from './use-crop-url'
import { useEditor } from './use-editor'
import { useSavePhoto } from './use-save-photo'

interface PhotoEditorProps {
  collection: Collection
  /** The picture: a local file's object URL, or the upload's presigned URL. */
  url: string
  /** The photo, if `url` is that of a file of this browser. */
  file?: Blob
  /** The upload in the store, or null until it has arrived. */
  upload: StoredUpload | null
  isUploadStopped?: boolean
  /** Continues a stopped upload. */
  onResumeUpload?: () => void
  /** A navigation is loading, which a change of the address would undo. */
  isAddressHeld?: boolean
  /** The state of the upload. */
  status?: ReactNode
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
  /** Leaves the editor. */
  onLeave: () => void
}

/**
 * The editor, which fills the screen: frame the photo, preview it, save it. The frame and the choices are in the page's
 * address, and crops are in the store, so every step reopens by its address (U15).
 */
export function PhotoEditor({ collection, url, file, upload, status, saveImage, onLeave, ...props }: PhotoEditorProps) {
  const { isUploadStopped = false, isAddressHeld = false, onResumeUpload = () => undefined } = props
  const translate = useTranslations('crop')
  const translateError = useTranslations('errors')
  const word = useCollectionWords(collection)
  const router = useRouter()
  const refresh = useRefresh()
  const path = usePathname()
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const saveButton = useRef<HTMLButtonElement>(null)
  const isMounted = useRef(false)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  // Read in the browser: Back restores the page as first rendered, but with its latest address. The router's parameters
  // of a new file are those of the photo before, until it renders again.
  const params = useSearchParams()
  const [address] = useState(() => (file ? new URLSearchParams(window.location.search) : params))
  const [initialRecipe] = useState(() => recipeFromParams(Object.fromEntries(address)) ?? upload?.appliedRecipe ?? null)
  const [keepsOriginal, setKeepsOriginal] = useState(() => address.get('original') !== 'no')
  const [isConfirming, setIsConfirming] = useState(false)
  // The address needs no update before the first change.
  const [isTouched, setIsTouched] = useState(false)
  /** The crop whose preview is open. The address has it too, but a refresh of the page may write an older address. */
  const [previewId, setPreviewId] = useState(() => address.get('crop'))
  /** A crop that the store no longer has. */
  const [goneId, setGoneId] = useState<string | null>(null)

  const editor = useEditor(collection.aspect, initialRecipe, () => {
    setIsTouched(true)
    // "Stopped. Your crop has not changed." is no longer true either.
    if (state.step === 'cropping' || (state.step === 'editing' && state.isStopped)) saving.cancel()
  })
  const recipe = editor.editing?.recipe ?? initialRecipe
  const preview = upload && previewId && previewId !== goneId ? findCrop(upload, previewId) : null

  // The uploadId says it, and the default collection needs no word.
  const collectionParam = upload || collection.name === defaultCollection.name ? null : collection.name
  const searchOf = (recipe: Recipe, cropId: string | null, keepOriginal = keepsOriginal) =>
    editorSearch(recipe, cropId, keepOriginal, collectionParam)

  const saving = useSavePhoto({
    upload,
    isUploadStopped,
    onResumeUpload,
    keepsOriginal,
    saveImage,
    cropRequest({ uploadId, source }) {
      if (!editor.editing) return null
      // A face that is found during the crop must not move the frame away from what is saved.
      editor.choose()
      const { recipe, subject } = editor.editing
      return { uploadId, ...recipe, etag: source.etag, shown: subject.image }
    },
    findCrop: sameCrop,
    onCropped(request, crop) {
      rememberCrop(request, crop)
      // The same crop again has the same id.
      setGoneId(null)
    },
    onPreview(crop) {
      setIsTouched(true)
      setPreviewId(crop.cropId)
      if (recipe) pushPreview(searchOf(recipe, crop.cropId))
    },
    onCropGone({ cropId }) {
      forgetCrop(cropId)
      setGoneId(cropId)
    },
    onSaveFailed({ code }) {
      // The person left the editor, which would say so.
      if (!isMounted.current) toast.error(translateError(code))
    },
    onSaved(image) {
      toast.success(word('crop.saved'))
      // The header shows the default collection's photo.
      const isHeaderPhoto = image.current && collection.name === defaultCollection.name
      announcePhotoChange(isHeaderPhoto ? image.variants.at(-1) : undefined)
      // The person left the editor during the save.
      if (!isMounted.current) return refresh()
      router.push(pagePath('gallery', collection))
    },
  })
  const { state } = saving
  const failure = state.step === 'editing' ? state.failure : null
  // A running save has read the choice about the original.
  const isCommitting = state.step === 'saving' || (state.step === 'cropping' && state.goal === 'save')
  const shownCrop = state.step === 'saving' ? state.crop : preview

  const isAddressOurs = isTouched && !isAddressHeld && !saving.isBusy
  useCropUrl(isAddressOurs && recipe ? searchOf(recipe, preview && previewId) : null)
  usePageLock(saving.isBusy || isConfirming)

  const mode = shownCrop ? 'preview' : 'edit'
  const shownMode = useRef<typeof mode>(null)
  useEffect(() => {
    // The pressed button or the page before is gone, so move the focus to the new screen's heading.
    if (shownMode.current !== mode) heading.current?.focus({ preventScroll: true })
    shownMode.current = mode
  }, [mode])

  function chooseOriginal(keepOriginal: boolean) {
    setIsTouched(true)
    setKeepsOriginal(keepOriginal)
  }

  function save(keepOriginal = keepsOriginal) {
    chooseOriginal(keepOriginal)
    // Not later: it could undo the navigation to the gallery.
    if (recipe && !isAddressHeld) writeSearch(searchOf(recipe, preview && previewId, keepOriginal))
    if (preview) saving.saveCrop(preview, keepOriginal)
    else saving.start('save', keepOriginal)
  }

  function backToEditing() {
    saving.forgetFailure()
    if (isPushedPreview()) return window.history.back()
    setIsTouched(true)
    setPreviewId(null)
  }

  /** Stops waiting and cropping, and keeps the edits. */
  function stop() {
    saving.cancel(true)
    saveButton.current?.focus()
  }

  function leave() {
    if (state.step === 'saving') return
    if (saving.isBusy) stop()
    else if (editor.isChanged) setIsConfirming(true)
    else onLeave()
  }

  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || state.step === 'saving') return
    // Escape dismisses a notification first.
    if (shownToasts().length > 0) return
    // Otherwise this press also closes the question that it opens.
    event.preventDefault()
    if (mode === 'preview') backToEditing()
    else leave()
  })
  // Back and Forward change the address; the editor follows it.
  const onReturn = useEffectEvent(() => {
    // They may also lead to another page, which takes a while to show.
    if (window.location.pathname !== path) return
    const params = new URLSearchParams(window.location.search)
    setPreviewId(params.get('crop'))
    const shown = recipeFromParams(Object.fromEntries(params))
    if (shown && editor.editing && !isSameRecipe(shown, editor.editing.recipe)) editor.show(shown)
  })
  useEffect(() => {
    const keydown = (event: KeyboardEvent) => onEscape(event)
    const popstate = () => onReturn()
    document.addEventListener('keydown', keydown)
    window.addEventListener('popstate', popstate)
    return () => {
      document.removeEventListener('keydown', keydown)
      window.removeEventListener('popstate', popstate)
    }
  }, [])

  function progress(): string {
    switch (state.step) {
      case 'uploading':
        return translate(state.goal === 'save' ? 'waitingToSave' : 'waitingToPreview')
      case 'cropping':
        return saving.waitSeconds === null
          ? translate('applying')
          : translate('waiting', { seconds: saving.waitSeconds })
      case 'saving':
        return translate('preview.saving')
      default:
        return state.isStopped ? translate('stopped') : ''
    }
  }

  const notices = (
    <>
      {status}
      {failure?.at === 'crop' && (
        <FailureNotice failure={failure.failure}>
          <RecoveryActions code={failure.failure.code} onRetry={() => saving.start(failure.goal)} />
        </FailureNotice>
      )}
      {failure?.at === 'save' && (
        <SaveFailure
          failure={failure.failure}
          collection={collection}
          sentence={failure.failure.code === 'draft_gone' ? translate('gone') : undefined}
          onRetry={() => save()}
          onBack={backToEditing}
          onSaveWithoutOriginal={() => save(false)}
        />
      )}
    </>
  )
  const actions = (
    <>
      <KeepOriginal checked={keepsOriginal} disabled={isCommitting} onChange={chooseOriginal} />
      <div className="flex gap-3">
        {mode === 'edit' &&
          (saving.isBusy ? (
            <Button size="large" onClick={stop}>
              {translate('stop')}
            </Button>
          ) : (
            <Button size="large" look="quiet" disabled={!editor.editing} onClick={() => saving.start('preview')}>
              {translate('preview.open')}
            </Button>
          ))}
        <Button
          ref={saveButton}
          look="primary"
          size="large"
          className="grow"
          disabled={!editor.editing && !preview}
          busy={saving.isBusy}
          onClick={() => save()}
        >
          {word('crop.preview.save')}
        </Button>
      </div>
      <p role="status" className="text-center text-sm empty:sr-only">
        {progress()}
      </p>
    </>
  )
  const title = (
    <h1 ref={heading} id={headingId} tabIndex={-1} className="truncate font-display font-semibold outline-none">
      {mode === 'edit' ? word('crop.heading.edit') : translate('heading.preview')}
    </h1>
  )

  return (
    <main id="main" data-editor={upload ? 'stored' : 'local'} aria-labelledby={headingId}>
      {shownCrop ? (
        <CropPreview
          crop={shownCrop}
          collection={collection}
          heading={title}
          status={notices}
          actions={actions}
          onBack={state.step === 'saving' ? null : backToEditing}
        />
      ) : (
        <CropEditor
          url={url}
          file={file}
          collection={collection}
          editor={editor}
          heading={title}
          onClose={leave}
          status={notices}
          actions={actions}
        />
      )}
      <ConfirmDialog
        open={isConfirming}
        onOpenChange={setIsConfirming}
        title={translate('leaving.title')}
        description={translate('leaving.text')}
        confirmLabel={translate('leaving.confirm')}
        cancelLabel={translate('leaving.cancel')}
        onConfirm={onLeave}
        danger
      />
    </main>
  )
}

/** Returns a crop of the upload, as the server or this tab knows it. */
function findCrop({ uploadId, appliedCrop }: StoredUpload, cropId: string): CropAnswer | null {
  return appliedCrop?.cropId === cropId ? appliedCrop : knownCrop(uploadId, cropId)
}
