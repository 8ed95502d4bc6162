import { cn } from '@/components/ui/cn'
import { ReducedMotionImage } from '@/components/ui/reduced-motion-image'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'

interface GalleryImageProps {
  image: SavedImage
  alt: string
  mask: Collection['mask']
}

/** The largest width of an image in a card: one of two columns on a phone, else 13 to 17 rem. */
const sizes = { round: '(min-width: 40rem) 16rem, 45vw', rect: '(min-width: 40rem) 36rem, 90vw' }

/** A saved image, loaded from the store in the variant that fits. Its space is reserved before it loads. */
export function GalleryImage({ image, alt, mask }: GalleryImageProps) {
  const largest = image.variants[0]
  if (!largest) return null
  const posters = image.variants.flatMap(({ posterUrl, width }) => (posterUrl ? [`${posterUrl} ${width}w`] : []))
  return (
    <ReducedMotionImage poster={posters.length > 0 ? posters.join(', ') : undefined} sizes={sizes[mask]}>
      {/* biome-ignore lint/performance/noImgElement: the variants exist already, and image bytes never pass a host */}
      <img
        loading="lazy"
        decoding="async"
        alt={alt}
        width={largest.width}
        height={largest.height}
        sizes={sizes[mask]}
        srcSet={image.variants.map(({ url, width }) => `${url} ${width}w`).join(', ')}
        src={largest.url}
        className={cn('h-auto w-full bg-raised text-muted text-sm', mask === 'round' ? 'rounded-full' : 'rounded-lg')}
      />
    </ReducedMotionImage>
  )
}
