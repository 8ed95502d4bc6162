import { Check } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import { cropPath } from '@/components/crop/recipe-params'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { usePageLock } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { DescribeDialog } from './describe-dialog'
import { cardLook } from './gallery-grid'
import { Picture } from './picture'
import { PictureMenu } from './picture-menu'
import { usePictureDate } from './use-picture-date'

interface GalleryCardProps {
  image: SavedImage
  mask: Collection['mask']
  /** Pictures are being selected: a checkbox stands in for the controls. */
  selecting: boolean
  selected: boolean
  onToggle: () => void
  onCurrent: (imageId: string | null) => void
  onDescribed: (alt: string) => void
  onDelete: () => void
  /** It was deleted elsewhere, and the person has taken note. */
  onGone: () => void
}

/** The element that takes the focus for a picture. */
export const cardId = (imageId: string) => `picture-${imageId}`

/** One saved picture and all that can be done with it. What fails is told here, with a way to try again. */
export function GalleryCard({ image, mask, selecting, selected, ...props }: GalleryCardProps) {
  const translate = useTranslations('gallery')
  const router = useRouter()
  const date = usePictureDate()(image.savedAt)
  const currentButton = useRef<HTMLButtonElement>(null)
  const menuButton = useRef<HTMLButtonElement>(null)
  const [busy, setBusy] = useState<'current' | 'crop' | null>(null)
  const [failed, setFailed] = useState<{ failure: Failure; retry: 'current' | 'crop' } | null>(null)
  const [describing, setDescribing] = useState(false)
  usePageLock(busy !== null || describing)
  const alt = image.alt || translate('picture', { date })
  const { imageId, collection } = image

  async function changeCurrent() {
    const next = image.current ? null : imageId
    setBusy('current')
    const answer = await attemptWithRetries(() => api.setCurrentImage({ collection, imageId: next }))
    setBusy(null)
    if (!answer.ok) return setFailed({ failure: answer, retry: 'current' })
    // The button to try again goes, and must not take the focus with it.
    if (failed) currentButton.current?.focus()
    setFailed(null)
    props.onCurrent(next)
  }

  async function cropAgain() {
    setBusy('crop')
    const answer = await attemptWithRetries(() => api.recropImage({ imageId }))
    // Stays busy until the editor has taken the gallery's place.
    if (answer.ok) return router.push(cropPath(answer.value.uploadId, answer.value.recipe))
    setBusy(null)
    setFailed({ failure: answer, retry: 'crop' })
  }

  return (
    <article
      id={cardId(imageId)}
      tabIndex={-1}
      aria-label={translate('picture', { date })}
      className={cn(cardLook, 'scroll-my-24', selected && selecting && 'border-accent ring-1 ring-accent')}
    >
      <div className="flex min-h-10 items-center justify-between gap-1 pointer-coarse:min-h-11">
        {image.current && (
          <p className="flex items-center gap-1 rounded-full bg-accent-soft px-2 py-1 font-medium text-accent text-xs">
            <Check aria-hidden className="size-3.5" strokeWidth={3} /> {translate('current')}
          </p>
        )}
        <div className="ms-auto">
          {selecting ? (
            <label className="flex size-10 items-center justify-center pointer-coarse:size-11">
              <input
                type="checkbox"
                checked={selected}
                onChange={props.onToggle}
                id={`${cardId(imageId)}-selected`}
                aria-label={translate('select', { date })}
                className="size-6 scroll-my-32 accent-accent"
              />
            </label>
          ) : (
            <PictureMenu
              image={image}
              date={date}
              busy={busy === 'crop'}
              buttonRef={menuButton}
              onCropAgain={cropAgain}
              onDescribe={() => setDescribing(true)}
              onDelete={() => {
                // The dialog gives the focus back to where it was, and the menu's item will be gone by then.
                menuButton.current?.focus()
                props.onDelete()
              }}
            />
          )}
        </div>
      </div>
      {selecting ? (
        // The picture itself is part of the checkbox's target.
        <label htmlFor={`${cardId(imageId)}-selected`}>
          <Picture image={image} alt="" mask={mask} />
        </label>
      ) : (
        <Picture image={image} alt={alt} mask={mask} />
      )}
      <p className="text-center text-muted text-xs sm:text-sm">
        <time dateTime={image.savedAt}>{date}</time>
      </p>
      <Button
        ref={currentButton}
        // Hidden, not gone, while selecting, so that the grid stays in place.
        className={cn('mt-auto px-2', selecting && 'invisible')}
        look={image.current ? 'quiet' : 'plain'}
        busy={busy === 'current'}
        aria-label={translate(image.current ? 'removeNamed' : 'setCurrentNamed', { date })}
        // One button turns into its opposite: the second half of a double click, or a held key, must not undo the first.
        onClick={(event) => event.detail < 2 && changeCurrent()}
        onKeyDown={(event) => event.repeat && event.preventDefault()}
      >
        {translate(image.current ? 'remove' : 'setCurrent')}
      </Button>
      {failed && (
        <FailureNotice failure={failed.failure}>
          {failed.failure.code === 'unauthorized' ? (
            <SignInAgain size="small" />
          ) : failed.failure.code === 'not_found' ? (
            <Button size="small" onClick={props.onGone}>
              {translate('takeOff')}
            </Button>
          ) : (
            <Button size="small" busy={busy !== null} onClick={failed.retry === 'current' ? changeCurrent : cropAgain}>
              {translate('retry')}
            </Button>
          )}
        </FailureNotice>
      )}
      {describing && (
        <DescribeDialog
          image={image}
          onDescribed={props.onDescribed}
          onClose={() => setDescribing(false)}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            menuButton.current?.focus()
          }}
        />
      )}
    </article>
  )
}
