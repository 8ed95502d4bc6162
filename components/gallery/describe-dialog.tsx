import { useTranslations } from 'next-intl'
import { Dialog } from 'radix-ui'
import { type FormEvent, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import type { SavedImage } from '@/lib/images/schema'

interface DescribeDialogProps {
  image: SavedImage
  onDescribed: (alt: string) => void
  onClose: () => void
  /** Moves the focus after the dialog has closed. */
  onCloseAutoFocus: (event: Event) => void
}

/** Characters; see AltText in the schema. */
const maxLength = 200

/** Edits an image's alt text. A failed save keeps the text. */
export function DescribeDialog({ image, onDescribed, onClose, onCloseAutoFocus }: DescribeDialogProps) {
  const translate = useTranslations('gallery')
  const [text, setText] = useState(image.alt)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const alt = text.replace(/\s+/g, ' ').trim()
    setBusy(true)
    setFailure(null)
    const result = await attemptWithRetries(() => api.describeImage({ imageId: image.imageId, alt }))
    setBusy(false)
    if (!result.ok) return setFailure(result)
    onDescribed(alt)
    onClose()
  }

  return (
    <Dialog.Root open onOpenChange={(open) => !open && !busy && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-canvas/80 backdrop-blur-[2px]" />
        <Dialog.Content
          onCloseAutoFocus={onCloseAutoFocus}
          className="fixed inset-0 z-50 m-auto h-fit max-h-[calc(100dvh-2rem)] w-[min(28rem,calc(100vw-2rem))] overflow-y-auto rounded-card border border-line bg-surface p-6 text-ink shadow-xl"
        >
          <Dialog.Title className="font-semibold text-lg">{translate('describeTitle')}</Dialog.Title>
          <Dialog.Description className="mt-2 text-muted">{translate('describeHint')}</Dialog.Description>
          <form onSubmit={save} className="mt-5">
            <label htmlFor="photo-description" className="font-medium text-sm">
              {translate('describeLabel')}
            </label>
            <input
              id="photo-description"
              type="text"
              autoComplete="off"
              maxLength={maxLength}
              value={text}
              onChange={(event) => setText(event.target.value)}
              aria-describedby="photo-description-length"
              className="mt-1.5 block min-h-11 w-full rounded-lg border border-control bg-surface px-3 text-base"
            />
            <p id="photo-description-length" className="mt-1.5 text-muted text-xs">
              {translate('describeLeft', { left: maxLength - text.length })}
            </p>
            {failure && (
              <div className="mt-4">
                <FailureNotice failure={failure}>
                  {failure.code === 'unauthorized' && <SignInAgain size="small" />}
                </FailureNotice>
              </div>
            )}
            <div className="mt-6 flex flex-wrap justify-end gap-3">
              <Button onClick={onClose} disabled={busy}>
                {translate('cancel')}
              </Button>
              <Button type="submit" look="primary" busy={busy}>
                {translate('describeSave')}
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
