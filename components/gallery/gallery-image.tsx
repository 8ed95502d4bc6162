import { cn } from '@/components/ui/cn'
import { ReducedMotionImage } from '@/components/ui/reduced-motion-image'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'

interface GalleryImageProps {
  image: SavedImage
  alt: string
  mask: Collection['mask']
  size: keyof typeof widths
  /** Shows the first frame of a moving photo. */
  still?: boolean
  /** In view when the page opens, so it loads at once. */
  eager?: boolean
}

/** The largest width at which a photo appears (see `gridLook`). */
const widths = {
  thumb: { round: '2.75rem', rect: '6rem' },
  tile: { round: '(min-width: 40rem) 11rem, 30vw', rect: '(min-width: 40rem) 23rem, 92vw' },
  large: { round: '18rem', rect: '(min-width: 64rem) 61rem, 92vw' },
}

/** A saved image, loaded from the store in the variant that fits. Its space is reserved before it loads. */
export function GalleryImage({ image, alt, mask, size, still = false, eager = false }: GalleryImageProps) {
  const largest = image.variants[0]
  if (!largest) return null
  const sizes = widths[size][mask]
  const moving = image.variants.map(({ url, width }) => `${url} ${width}w`).join(', ')
  const posters = image.variants.flatMap(({ posterUrl, width }) => (posterUrl ? [`${posterUrl} ${width}w`] : []))
  const poster = posters.length > 0 ? posters.join(', ') : undefined
  return (
    <ReducedMotionImage poster={poster} sizes={sizes}>
      {/* biome-ignore lint/performance/noImgElement: the variants exist already, and image bytes never pass a host */}
      <img
        loading={eager ? 'eager' : 'lazy'}
        fetchPriority={eager && size === 'large' ? 'high' : undefined}
        decoding="async"
        draggable={false}
        alt={alt}
        width={largest.width}
        height={largest.height}
        sizes={sizes}
        srcSet={(still && poster) || moving}
        src={(still && largest.posterUrl) || largest.url}
        className={cn(
          'h-auto w-full bg-raised text-muted text-sm',
          mask === 'round' ? 'rounded-full' : 'rounded-control',
        )}
      />
    </ReducedMotionImage>
  )
}

/** Whether the image is animated. */
export function isMoving(image: SavedImage): boolean {
  return image.variants.some(({ posterUrl }) => posterUrl !== undefined)
}
