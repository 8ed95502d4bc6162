import { Check } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useFormatter, useTimeZone, useTranslations } from 'next-intl'
import { useRef, useState, useSyncExternalStore } from 'react'
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
import { GalleryImage } from './gallery-image'
import { cardLook } from './gallery-layout'
import { ImageMenu } from './image-menu'

interface GalleryCardProps {
  image: SavedImage
  mask: Collection['mask']
  /** Selection mode: a checkbox replaces the menu. */
  selecting: boolean
  selected: boolean
  onToggle: () => void
  onCurrent: (imageId: string | null) => void
  onDescribed: (alt: string) => void
  onDelete: () => void
  /** The person dismissed the notice that the image was deleted elsewhere. */
  onGone: () => void
}

/** Returns the id of an image's card, which can get the focus. */
export const cardId = (imageId: string) => `photo-${imageId}`

/** One saved image with its actions. Shows its own failures, with a way to recover. */
export function GalleryCard({ image, mask, selecting, selected, ...props }: GalleryCardProps) {
  const translate = useTranslations('gallery')
  const router = useRouter()
  const date = useDate(image.savedAt)
  const currentButton = useRef<HTMLButtonElement>(null)
  const menuButton = useRef<HTMLButtonElement>(null)
  const [busy, setBusy] = useState<'current' | 'crop' | null>(null)
  const [failed, setFailed] = useState<{ failure: Failure; retry: 'current' | 'crop' } | null>(null)
  const [describing, setDescribing] = useState(false)
  usePageLock(busy !== null || describing)
  const name = translate('photo', { date })
  const { imageId, collection } = image

  async function changeCurrent() {
    const next = image.current ? null : imageId
    setBusy('current')
    const result = await attemptWithRetries(() => api.setCurrentImage({ collection, imageId: next }))
    setBusy(null)
    if (!result.ok) return setFailed({ failure: result, retry: 'current' })
    // "Try again" disappears now, so move the focus away from it.
    if (failed) currentButton.current?.focus()
    setFailed(null)
    props.onCurrent(next)
  }

  async function cropAgain() {
    setBusy('crop')
    const result = await attemptWithRetries(() => api.recropImage({ imageId }))
    // Stay busy until the crop page replaces the gallery.
    if (result.ok) return router.push(cropPath(result.value.uploadId, result.value.recipe))
    setBusy(null)
    setFailed({ failure: result, retry: 'crop' })
  }

  return (
    <article
      id={cardId(imageId)}
      tabIndex={-1}
      aria-label={name}
      className={cn(cardLook, 'scroll-my-24', selected && selecting && 'border-accent ring-1 ring-accent')}
    >
      <div className="flex min-h-10 items-center justify-between gap-1 pointer-coarse:min-h-11">
        {image.current && (
          <p className="flex items-center gap-1 rounded-full bg-accent-soft px-2 py-1 font-medium text-accent text-xs">
            <Check aria-hidden className="size-3.5" strokeWidth={3} />
            <span>{translate('current')}</span>
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
            <ImageMenu
              image={image}
              date={date}
              busy={busy === 'crop'}
              buttonRef={menuButton}
              onCropAgain={cropAgain}
              onDescribe={() => setDescribing(true)}
              onDelete={() => {
                // The dialog returns the focus to the element that had it. The menu item is gone by then.
                menuButton.current?.focus()
                props.onDelete()
              }}
            />
          )}
        </div>
      </div>
      {selecting ? (
        // A click on the image toggles the checkbox too.
        <label htmlFor={`${cardId(imageId)}-selected`}>
          <GalleryImage image={image} alt="" mask={mask} />
        </label>
      ) : (
        <GalleryImage image={image} alt={image.alt || name} mask={mask} />
      )}
      <p className="text-center text-muted text-xs sm:text-sm">
        <time dateTime={image.savedAt}>{date}</time>
      </p>
      <Button
        ref={currentButton}
        // Hidden, not removed, in selection mode: the grid must not shift.
        className={cn('mt-auto px-2!', selecting && 'invisible')}
        look={image.current ? 'quiet' : 'plain'}
        busy={busy === 'current'}
        aria-label={translate(image.current ? 'removeNamed' : 'setCurrentNamed', { date })}
        // The button toggles: a double click or a held key must not undo the first press.
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

const neverChanges = () => () => undefined

const deviceTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Formats a time (ISO 8601) in the device's time zone. The server does not know it and renders the site's zone. */
function useDate(time: string): string {
  const format = useFormatter()
  const siteTimeZone = useTimeZone() ?? 'UTC'
  const timeZone = useSyncExternalStore(neverChanges, deviceTimeZone, () => siteTimeZone)
  // 24 hours: servers and browsers differ in the space before AM and PM, which would break hydration.
  return format.dateTime(new Date(time), { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone })
}
