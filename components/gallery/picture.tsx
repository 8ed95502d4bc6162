import { cn } from '@/components/ui/cn'
import { ReducedMotionImage } from '@/components/ui/reduced-motion-image'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'

interface PictureProps {
  image: SavedImage
  alt: string
  mask: Collection['mask']
}

/** How wide a card's picture is at most: one of two columns on a phone, else 13 to 17 rem. */
const sizes = { round: '(min-width: 40rem) 16rem, 45vw', rect: '(min-width: 40rem) 36rem, 90vw' }

/** A saved picture out of its ready-made variants, straight from the store. It keeps its place until it is there. */
export function Picture({ image, alt, mask }: PictureProps) {
  const largest = image.variants[0]
  if (!largest) return null
  const posters = image.variants.flatMap(({ posterUrl, width }) => (posterUrl ? [`${posterUrl} ${width}w`] : []))
  return (
    <ReducedMotionImage poster={posters.length > 0 ? posters.join(', ') : undefined} sizes={sizes[mask]}>
      {/* biome-ignore lint/performance/noImgElement: the variants are ready-made, and no host may stand between */}
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
