import { ImageDown } from 'lucide-react'
import { useCollectionWords } from '@/components/collection'
import type { Collection } from '@/lib/images/collections'

/** Shows where files go while they are dragged over the page. */
export function DropOverlay({ collection }: { collection: Collection }) {
  const word = useCollectionWords(collection)
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-canvas/85 p-4 backdrop-blur-sm"
    >
      <div className="absolute inset-3 rounded-card border-2 border-accent border-dashed" />
      <p className="flex flex-col items-center gap-4 text-center font-display font-semibold text-2xl text-accent sm:text-3xl">
        <ImageDown aria-hidden className="size-12" strokeWidth={1.5} />
        <span>{word('upload.drop.over')}</span>
      </p>
    </div>
  )
}
