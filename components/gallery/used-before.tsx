import { useTranslations } from 'next-intl'
import { cn } from '@/components/ui/cn'
import { api } from '@/lib/browser/api-client'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { GalleryImage } from './gallery-image'
import type { PhotoEvents } from './photo-actions'
import { RequestFailure } from './request-failure'
import { useRequest } from './use-request'

interface UsedBeforeProps {
  images: readonly SavedImage[]
  names: ReadonlyMap<string, string>
  mask: Collection['mask']
  onCurrent: PhotoEvents['onCurrent']
}

/** The photos that were in use before. Each is one press away from being used again. */
export function UsedBefore({ images, names, mask, onCurrent }: UsedBeforeProps) {
  const translate = useTranslations('gallery')
  const { busy, failed, run } = useRequest<string>()
  if (images.length === 0) return null
  return (
    <section aria-label={translate('usedBefore')} className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="text-muted text-sm">{translate('usedBefore')}</h3>
        {images.map((image) => {
          const { imageId, collection } = image
          const use = () => api.setCurrentImage({ collection, imageId })
          return (
            <button
              key={imageId}
              type="button"
              title={translate('useAgain')}
              aria-label={translate('named', { action: translate('useAgain'), name: names.get(imageId) ?? '' })}
              aria-busy={busy === imageId || undefined}
              onClick={() => run(imageId, use, () => onCurrent(image, true))}
              className={cn(
                'transition-transform forced-colors:border aria-busy:animate-pulse motion-safe:hover:scale-110',
                mask === 'round' ? 'w-11 rounded-full' : 'w-24 rounded-control',
              )}
            >
              <GalleryImage image={image} alt="" mask={mask} size="thumb" still />
            </button>
          )
        })}
      </div>
      {failed && <RequestFailure failed={failed} busy={busy !== null} />}
    </section>
  )
}
