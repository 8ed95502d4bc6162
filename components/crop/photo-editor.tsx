'use client'

import { useTranslations } from 'next-intl'
import { type ComponentProps, type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { useCollectionWords } from '@/components/collection'
import { type LaterCode, useLaterCode, useLaterCodeNow, useLaterCodeOnPress } from '@/components/later/load-later-code'
import { usePageLock } from '@/components/layout/use-page-lock'
import { shownToasts } from '@/components/ui/toast'
import { CropEditor } from './crop-editor'
import { SaveActions } from './save-actions'
import { type PhotoSetup, usePhoto } from './use-photo'

interface PhotoEditorProps extends PhotoSetup {
  /** The picture: a local file's object URL, or the upload's presigned URL. */
  url: string
  /** The state of the upload. */
  status?: ReactNode
  /** Leaves the editor. */
  onLeave: () => void
}

/** The editor, which fills the screen: frame the photo, preview it, save it. */
export function PhotoEditor({ url, status, onLeave, ...setup }: PhotoEditorProps) {
  const { collection, file, upload } = setup
  const translate = useTranslations('crop')
  const word = useCollectionWords(collection)
  const headingId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const saveButton = useRef<HTMLButtonElement>(null)
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()
  const [isConfirming, setIsConfirming] = useState(false)
  const photo = usePhoto(setup)
  const { editor, saving, shownCrop } = photo
  const { state } = saving
  const isSaving = state.step === 'saving'
  const failed = state.step === 'editing' ? state.failure : null
  usePageLock(saving.isBusy || isConfirming)

  const mode = shownCrop ? 'preview' : 'edit'
  const shownMode = useRef<typeof mode>(null)
  useEffect(() => {
    // The pressed button or the page before is gone, so move the focus to the new screen's heading.
    if (shownMode.current !== mode) heading.current?.focus({ preventScroll: true })
    shownMode.current = mode
  }, [mode])

  /** Stops waiting and cropping, and keeps the edits. */
  function stop() {
    saving.cancel(true)
    saveButton.current?.focus()
  }

  async function leave() {
    if (isSaving) return
    if (saving.isBusy) stop()
    else if (!editor.isChanged) onLeave()
    else if (await loadLater()) setIsConfirming(true)
  }

  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || isSaving) return
    // Escape dismisses a notification first.
    if (shownToasts().length > 0) return
    // Otherwise this press also closes the question that it opens.
    event.preventDefault()
    if (shownCrop) photo.closePreview()
    else void leave()
  })
  useEffect(() => {
    const keydown = (event: KeyboardEvent) => onEscape(event)
    document.addEventListener('keydown', keydown)
    return () => document.removeEventListener('keydown', keydown)
  }, [])

  const screen = {
    collection,
    heading: (
      <h1 ref={heading} id={headingId} tabIndex={-1} className="truncate font-display font-semibold outline-none">
        {shownCrop ? translate('heading.preview') : word('crop.heading.edit')}
      </h1>
    ),
    status: (
      <>
        {status}
        {failed && later && (
          <later.SaveNotices
            failed={failed}
            collection={collection}
            onCropAgain={(goal) => saving.start(goal)}
            onSaveAgain={() => photo.save()}
            onBack={photo.closePreview}
            onSaveWithoutOriginal={() => photo.save(false)}
            onChooseAnother={setup.onDone}
          />
        )}
      </>
    ),
    actions: <SaveActions collection={collection} photo={photo} saveButton={saveButton} onStop={stop} />,
  }
  return (
    <main id="main" data-editor={upload ? 'stored' : 'local'} aria-labelledby={headingId}>
      {shownCrop ? (
        <Preview crop={shownCrop} onBack={isSaving ? null : photo.closePreview} {...screen} />
      ) : (
        <CropEditor url={url} file={file} editor={editor} onClose={leave} {...screen} />
      )}
      {later && (
        <later.ConfirmDialog
          open={isConfirming}
          onOpenChange={setIsConfirming}
          title={translate('leaving.title')}
          description={translate('leaving.text')}
          confirmLabel={translate('leaving.confirm')}
          cancelLabel={translate('leaving.cancel')}
          onConfirm={() => {
            setIsConfirming(false)
            onLeave()
          }}
          danger
        />
      )}
    </main>
  )
}

/** The address of a page may open the preview first. */
function Preview(props: ComponentProps<LaterCode['CropPreview']>) {
  const { CropPreview } = useLaterCodeNow()
  return <CropPreview {...props} />
}
