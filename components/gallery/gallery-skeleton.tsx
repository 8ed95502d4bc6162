import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import { cardLook, gridLook } from './gallery-grid'
import { GalleryHeader } from './gallery-header'

const cards = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** The gallery while its pictures are being read: the same places, nothing in them yet. */
export function GallerySkeleton({ collection }: { collection: Collection }) {
  const translate = useTranslations('gallery')
  const { mask, aspect } = collection
  return (
    <section aria-busy="true">
      <GalleryHeader collection={collection}>
        <Button disabled className="invisible">
          {translate('selectMode')}
        </Button>
      </GalleryHeader>
      <p role="status" className="sr-only">
        {translate('loading')}
      </p>
      <div aria-hidden className={gridLook(mask)}>
        {cards.map((card) => (
          <div key={card} className={cn(cardLook, 'motion-safe:animate-pulse')}>
            <div className="h-10 pointer-coarse:h-11" />
            <div
              className={cn('w-full bg-raised', mask === 'round' ? 'rounded-full' : 'rounded-lg')}
              style={{ aspectRatio: aspect }}
            />
            <div className="mx-auto my-0.5 h-4 w-3/4 rounded bg-raised" />
            <div className="h-10 rounded-lg bg-raised pointer-coarse:h-11" />
          </div>
        ))}
      </div>
    </section>
  )
}
