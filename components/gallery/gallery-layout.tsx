import { ImagePlus } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import { Button, buttonLook } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import { headingId } from './photo-focus'

/** Returns the classes of the grid: as many columns as fit, wider ones for wide images. */
export function gridLook(mask: Collection['mask']): string {
  return mask === 'round'
    ? 'grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-4 sm:grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] sm:gap-6'
    : 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-5'
}

/** The gallery's heading, the upload link, and further actions (`children`). */
export function GalleryHeader({ collection, children }: { collection: Collection; children?: ReactNode }) {
  const word = useCollectionWords(collection)
  return (
    <div className="mb-8 flex flex-wrap items-center justify-between gap-x-2 gap-y-3">
      <h1 id={headingId} tabIndex={-1} className="text-title">
        {word('gallery.title')}
      </h1>
      <div className="flex flex-wrap items-center gap-1 sm:gap-2">
        {children}
        <Link
          href={pagePath('upload', collection)}
          className={buttonLook({ look: 'primary', className: 'max-sm:px-3' })}
        >
          {word('gallery.upload')}
        </Link>
      </div>
    </div>
  )
}

interface GalleryEmptyProps {
  collection: Collection
  /** This browser has no guest yet, so nothing is known of any photos. */
  isSignedOut?: boolean
}

/** A gallery without images: invites to upload the first one. */
export function GalleryEmpty({ collection, isSignedOut = false }: GalleryEmptyProps) {
  const word = useCollectionWords(collection)
  const { mask, aspect } = collection
  return (
    <section aria-labelledby={headingId} className="flex flex-col items-center py-12 text-center sm:py-20">
      <span
        className={cn(
          'grid h-32 place-items-center border-2 border-control/60 border-dashed text-muted',
          mask === 'round' ? 'rounded-full' : 'max-w-full rounded-control',
        )}
        style={{ aspectRatio: aspect }}
      >
        <ImagePlus aria-hidden className="size-9" strokeWidth={1.25} />
      </span>
      <h1 id={headingId} tabIndex={-1} className="mt-8 text-title">
        {word(isSignedOut ? 'gallery.emptyHereTitle' : 'gallery.emptyTitle')}
      </h1>
      <p className="mt-3 max-w-md text-balance text-muted">{word('gallery.emptyText')}</p>
      <Link
        href={pagePath('upload', collection)}
        className={buttonLook({ look: 'primary', size: 'large', className: 'mt-8' })}
      >
        {word('gallery.upload')}
      </Link>
    </section>
  )
}

const placeholderLook = (mask: Collection['mask']) =>
  cn('bg-raised', mask === 'round' ? 'rounded-full' : 'rounded-control')

/** The place of the photo in use while it loads. */
export function LargePlaceholder({ collection: { mask, aspect } }: { collection: Collection }) {
  return (
    <div
      className={cn(placeholderLook(mask), mask === 'round' && 'mx-auto w-52 sm:mx-0 sm:w-72')}
      style={{ aspectRatio: aspect }}
    />
  )
}

const placeholders = ['a', 'b', 'c', 'd', 'e', 'f']

/** The gallery while its images load: the same layout with placeholders. */
export function GallerySkeleton({ collection }: { collection: Collection }) {
  const translate = useTranslations('gallery')
  const { mask, aspect } = collection
  return (
    <section aria-busy="true">
      <GalleryHeader collection={collection}>
        <Button disabled className="invisible max-sm:px-3">
          {translate('selectMode')}
        </Button>
      </GalleryHeader>
      <div role="status" className="mb-4 h-6 text-muted">
        <p className="sr-only">{translate('loading')}</p>
        {/* Without script, because nothing hydrates what is about to be replaced. */}
        <p className="transition-[visibility] delay-5000 starting:invisible">{translate('slow')}</p>
      </div>
      <div aria-hidden className={cn(gridLook(mask), 'motion-safe:animate-pulse')}>
        <div className="col-span-full mb-6">
          <LargePlaceholder collection={collection} />
        </div>
        {placeholders.map((tile) => (
          <div key={tile} className={placeholderLook(mask)} style={{ aspectRatio: aspect }} />
        ))}
      </div>
    </section>
  )
}
