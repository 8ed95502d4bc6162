import { Check, CircleSlash, Crop, Download, FileDown, Trash2 } from 'lucide-react'
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
  const { busy, failed, run } = useRequest<'current' | 'crop'>()
  const { imageId, collection } = image
  const isList = layout === 'list'
  const look = isList ? 'quiet' : 'plain'
  const label = isList ? 'grow text-start' : undefined
  const named = (action: 'use' | 'remove' | 'cropAgain' | 'download' | 'downloadOriginal' | 'delete') =>
    translate('named', { action: translate(action), name })

  function changeCurrent() {
    const next = image.current ? null : imageId
    run(
      'current',
      () => api.setCurrentImage({ collection, imageId: next }),
      () => events.onCurrent(image, next !== null),
    )
  }

  function cropAgain() {
    run(
      'crop',
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
            busy={busy === 'current'}
            aria-label={named('use')}
            onClick={changeCurrent}
          >
            <Check aria-hidden />
            <span>{translate('use')}</span>
          </Button>
        )}
        {image.original && (
          <Button look={look} busy={busy === 'crop'} aria-label={named('cropAgain')} onClick={cropAgain}>
            {busy !== 'crop' && <Crop aria-hidden />}
            <span className={label}>{translate('cropAgain')}</span>
          </Button>
        )}
        <a href={image.variants[0]?.downloadUrl} aria-label={named('download')} className={buttonLook({ look })}>
          <Download aria-hidden />
          <span className={label}>{translate('download')}</span>
        </a>
        {isList && image.original && (
          <a href={image.original.url} aria-label={named('downloadOriginal')} className={buttonLook({ look })}>
            <FileDown aria-hidden />
            <span className={label}>{translate('downloadOriginal')}</span>
          </a>
        )}
        {image.current && (
          <Button look={look} busy={busy === 'current'} aria-label={named('remove')} onClick={changeCurrent}>
            {busy !== 'current' && <CircleSlash aria-hidden />}
            <span className={label}>{translate('remove')}</span>
          </Button>
        )}
        <Button look="quiet" aria-label={named('delete')} onClick={() => events.onDelete(image)}>
          <span className="contents text-danger">
            <Trash2 aria-hidden />
            <span className={label}>{translate('delete')}</span>
          </span>
        </Button>
      </div>
      {isList && !image.original && <p className="text-pretty text-muted text-xs">{translate('originalNotKept')}</p>}
      {failed && <RequestFailure failed={failed} busy={busy !== null} onGone={() => events.onGone(image)} />}
    </div>
  )
}
