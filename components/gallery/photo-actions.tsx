import { Check, CircleSlash, Crop, Download, FileDown, type LucideIcon, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { cropPath } from '@/components/crop/recipe-params'
import { Button, buttonLook } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { SavedImage } from '@/lib/images/schema'
import { RequestFailure } from './request-failure'
import { useRequest } from './use-request'

/** What follows the actions on a photo. */
export interface PhotoEvents {
  onCurrent: (image: SavedImage, isCurrent: boolean) => void
  onDescribed: (image: SavedImage, alt: string) => void
  onDelete: (image: SavedImage) => void
  /** The person dismissed the notice that the photo was deleted elsewhere. */
  onGone: (image: SavedImage) => void
}

type Action = 'use' | 'remove' | 'cropAgain' | 'download' | 'downloadOriginal' | 'delete'

interface PhotoActionsProps extends Omit<PhotoEvents, 'onDescribed'> {
  image: SavedImage
  name: string
  /** `row`: the main actions beside the photo. `list`: all of them. */
  layout: 'row' | 'list'
}

/** The actions on one photo. Shows their failures, with a way to recover. */
export function PhotoActions({ image, name, layout, ...events }: PhotoActionsProps) {
  const translate = useTranslations('gallery')
  const router = useRouter()
  const { busy, failed, run } = useRequest<Action>()
  const { imageId, collection } = image
  const isList = layout === 'list'
  const look = isList ? 'quiet' : 'plain'
  const nameOf = (action: Action) => translate('named', { action: translate(action), name })
  const label = (action: Action, Icon: LucideIcon) => (
    <>
      {busy !== action && <Icon aria-hidden />}
      <span className={isList ? 'grow text-start' : undefined}>{translate(action)}</span>
    </>
  )

  function changeCurrent() {
    const next = image.current ? null : imageId
    run(
      image.current ? 'remove' : 'use',
      () => api.setCurrentImage({ collection, imageId: next }),
      () => events.onCurrent(image, next !== null),
    )
  }

  function cropAgain() {
    run(
      'cropAgain',
      () => api.recropImage({ imageId }),
      ({ uploadId, recipe }) => {
        router.push(cropPath(uploadId, recipe))
        return 'leaving'
      },
    )
  }

  return (
    <div className="space-y-3">
      <div className={isList ? 'flex flex-col' : 'grid grid-cols-2 gap-2 sm:flex sm:flex-wrap'}>
        {!image.current && (
          <Button
            look="primary"
            size="large"
            className="mb-2"
            busy={busy === 'use'}
            aria-label={nameOf('use')}
            onClick={changeCurrent}
          >
            {busy !== 'use' && <Check aria-hidden />}
            <span>{translate('use')}</span>
          </Button>
        )}
        {image.original && (
          <Button look={look} busy={busy === 'cropAgain'} aria-label={nameOf('cropAgain')} onClick={cropAgain}>
            {label('cropAgain', Crop)}
          </Button>
        )}
        <a href={image.variants[0]?.downloadUrl} aria-label={nameOf('download')} className={buttonLook({ look })}>
          {label('download', Download)}
        </a>
        {isList && image.original && (
          <a href={image.original.url} aria-label={nameOf('downloadOriginal')} className={buttonLook({ look })}>
            {label('downloadOriginal', FileDown)}
          </a>
        )}
        {image.current && (
          <Button look={look} busy={busy === 'remove'} aria-label={nameOf('remove')} onClick={changeCurrent}>
            {label('remove', CircleSlash)}
          </Button>
        )}
        <Button look="quiet" aria-label={nameOf('delete')} onClick={() => events.onDelete(image)}>
          <span className="contents text-danger">{label('delete', Trash2)}</span>
        </Button>
      </div>
      {isList && !image.original && <p className="text-pretty text-muted text-xs">{translate('originalNotKept')}</p>}
      {failed && <RequestFailure failed={failed} busy={busy !== null} onGone={() => events.onGone(image)} />}
    </div>
  )
}
