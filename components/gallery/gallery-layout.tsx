import { ImagePlus } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import { Button, buttonLook } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'

/** The id of the gallery's heading, which gets the focus when no image is left. */
export const headingId = 'gallery-heading'

/** Returns the classes of the card grid: as many columns as fit, wider ones for wide images. */
export function gridLook(mask: Collection['mask']): string {
  return mask === 'round'
    ? 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-3 sm:gap-4 sm:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]'
    : 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-4'
}

/** The classes of one card in the grid. */
export const cardLook = 'flex h-full flex-col gap-3 rounded-card border border-line bg-surface p-2 sm:p-3'

/** The gallery's heading, the upload link, and further actions (`children`). */
export function GalleryHeader({ collection, children }: { collection: Collection; children?: ReactNode }) {
  const word = useCollectionWords(collection)
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <h1 id={headingId} tabIndex={-1} className="font-semibold text-2xl tracking-tight">
        {word('gallery.title')}
      </h1>
      <div className="flex flex-wrap items-center gap-2">
        {children}
        <Link href={pagePath('upload', collection)} className={buttonLook({ look: 'primary' })}>
          {word('gallery.upload')}
        </Link>
      </div>
    </div>
  )
}

/** A gallery without images: invites to upload the first one. */
export function GalleryEmpty({ collection }: { collection: Collection }) {
  const word = useCollectionWords(collection)
  return (
    <section
      aria-labelledby={headingId}
      className="flex flex-col items-center rounded-card border border-line bg-surface px-6 py-16 text-center"
    >
      <span className="flex size-24 items-center justify-center rounded-full bg-accent-soft text-accent">
        <ImagePlus aria-hidden className="size-9" strokeWidth={1.5} />
      </span>
      <h1 id={headingId} tabIndex={-1} className="mt-6 font-semibold text-2xl tracking-tight">
        {word('gallery.emptyTitle')}
      </h1>
      <p className="mt-2 max-w-md text-balance text-muted">{word('gallery.emptyText')}</p>
      <Link
        href={pagePath('upload', collection)}
        className={buttonLook({ look: 'primary', size: 'large', className: 'mt-8' })}
      >
        {word('gallery.upload')}
      </Link>
    </section>
  )
}

const placeholders = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** The gallery while its images load: the same layout with placeholders. */
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
        {placeholders.map((card) => (
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
