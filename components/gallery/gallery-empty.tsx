import { ImagePlus } from 'lucide-react'
import Link from 'next/link'
import { pagePath } from '@/components/collection-path'
import { buttonLook } from '@/components/ui/button'
import { useCollectionWords } from '@/components/use-collection-words'
import type { Collection } from '@/lib/images/collections'
import { headingId } from './gallery-header'

/** A gallery that is known to hold nothing: an invitation, not an error. */
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
