import Link from 'next/link'
import type { ReactNode } from 'react'
import { pagePath } from '@/components/collection-path'
import { buttonLook } from '@/components/ui/button'
import { useCollectionWords } from '@/components/use-collection-words'
import type { Collection } from '@/lib/images/collections'

/** Takes the focus when there is no picture left to take it. */
export const headingId = 'gallery-heading'

/** The gallery's heading, the way to a new picture, and what else acts on the whole. */
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
