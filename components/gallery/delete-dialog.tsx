import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { ConfirmDialog } from '@/components/ui/dialog'
import { useCollectionWords } from '@/components/use-collection-words'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import { maxDeletedAtOnce, type SavedImage } from '@/lib/images/schema'
import { goneAfter } from './selection'

interface DeleteDialogProps {
  collection: Collection
  /** What is to be deleted, all at once; with none the dialog is closed. */
  images: readonly SavedImage[]
  /** Called with the ids that are gone. */
  onDeleted: (imageIds: string[]) => void
  onClose: () => void
  /** Where the focus belongs when the dialog has gone. */
  onCloseAutoFocus: (event: Event) => void
}

/**
 * Asks once for all that is to be deleted, and says what comes next when the current picture is among it.
 * If some images could not be deleted, it stays open with these, says how many, and offers to try again.
 */
export function DeleteDialog({ collection, images, onDeleted, onClose, onCloseAutoFocus }: DeleteDialogProps) {
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ failure: Pick<Failure, 'code'>; sentence?: string } | null>(null)

  function close() {
    setFailed(null)
    onClose()
  }

  async function confirm() {
    setBusy(true)
    setFailed(null)
    const imageIds = images.map((image) => image.imageId)
    const gone: string[] = []
    let failure: Failure | null = null
    for (let start = 0; start < imageIds.length && !failure; start += maxDeletedAtOnce) {
      const batch = imageIds.slice(start, start + maxDeletedAtOnce)
      const answer = await attemptWithRetries(() => api.deleteImages({ imageIds: batch }))
      if (answer.ok) gone.push(...goneAfter(answer.value))
      else failure = answer
    }
    setBusy(false)
    if (gone.length > 0) onDeleted(gone)
    const left = imageIds.length - gone.length
    if (left === 0) return close()
    // A refusal of all of them says more by its own sentence.
    const isPart = failure ? gone.length > 0 : imageIds.length > 1
    setFailed({
      failure: failure ?? { code: 'internal' },
      ...(isPart && { sentence: translate('notDeleted', { left, asked: imageIds.length }) }),
    })
  }

  return (
    <ConfirmDialog
      open={images.length > 0}
      onOpenChange={close}
      title={translate('deleteTitle', { count: images.length })}
      description={
        <>
          <p>{translate('deleteText', { kept: images.filter((image) => image.original).length })}</p>
          {images.some((image) => image.current) && (
            <p className="mt-2 text-ink">{word('gallery.deleteCurrentText', { count: images.length })}</p>
          )}
          {failed && (
            <div className="mt-4">
              <FailureNotice failure={failed.failure} sentence={failed.sentence}>
                {failed.failure.code === 'unauthorized' && <SignInAgain size="small" />}
              </FailureNotice>
            </div>
          )}
        </>
      }
      confirmLabel={failed ? translate('retry') : translate('deleteConfirm', { count: images.length })}
      cancelLabel={translate('cancel')}
      onConfirm={confirm}
      onCloseAutoFocus={onCloseAutoFocus}
      busy={busy}
      danger
    />
  )
}
