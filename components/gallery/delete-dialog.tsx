import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useCollectionWords } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { ConfirmDialog } from '@/components/ui/dialog'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import { maxDeletedAtOnce } from '@/lib/images/limits'
import type { SavedImage } from '@/lib/images/schema'
import { goneAfter } from './selection'

interface DeleteDialogProps {
  collection: Collection
  images: readonly SavedImage[]
  /** Called with the ids of the deleted images. Closes the dialog if they are all. */
  onDeleted: (imageIds: string[]) => void
  onClose: () => void
}

/**
 * Confirms the deletion of one or more images, and warns if the current one is among them.
 * If some deletions fail, it stays open with the remaining images and offers to try again.
 */
export function DeleteDialog({ collection, images, onDeleted, onClose }: DeleteDialogProps) {
  const translate = useTranslations('gallery')
  const word = useCollectionWords(collection)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ failure: Pick<Failure, 'code'>; sentence?: string } | null>(null)

  async function confirm() {
    setBusy(true)
    setFailed(null)
    const imageIds = images.map((image) => image.imageId)
    const gone: string[] = []
    let failure: Failure | null = null
    for (let start = 0; start < imageIds.length && !failure; start += maxDeletedAtOnce) {
      const batch = imageIds.slice(start, start + maxDeletedAtOnce)
      const result = await attemptWithRetries(() => api.deleteImages({ imageIds: batch }))
      if (result.ok) gone.push(...goneAfter(result.value))
      else failure = result
    }
    setBusy(false)
    if (gone.length > 0) onDeleted(gone)
    const left = imageIds.length - gone.length
    if (left === 0) return
    // If every deletion failed for one reason, that error's own sentence says more.
    const isPartial = failure ? gone.length > 0 : imageIds.length > 1
    setFailed({
      failure: failure ?? { code: 'internal' },
      ...(isPartial && { sentence: translate('notDeleted', { left, total: imageIds.length }) }),
    })
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
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
                {failed.failure.code === 'unauthorized' && <SignInAgain size="small" onSignedIn={confirm} />}
              </FailureNotice>
            </div>
          )}
        </>
      }
      confirmLabel={failed ? translate('retry') : translate('deleteConfirm', { count: images.length })}
      cancelLabel={translate('cancel')}
      onConfirm={confirm}
      busy={busy}
      danger
    />
  )
}
