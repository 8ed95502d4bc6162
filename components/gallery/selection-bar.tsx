import { Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { DeleteDialog } from './delete-dialog'

interface SelectionBarProps {
  collection: Collection
  images: readonly SavedImage[]
  selected: ReadonlySet<string>
  onSelect: (imageIds: ReadonlySet<string>) => void
  /** Deletes a single photo, which can be undone. */
  onDelete: (image: SavedImage) => void
  /** Called with the ids of the deleted photos. */
  onDeleted: (imageIds: string[]) => void
}

/** Actions on the selected images. Sticky, except on very low screens. */
export function SelectionBar({ collection, images, selected, onSelect, onDelete, onDeleted }: SelectionBarProps) {
  const translate = useTranslations('gallery')
  const [isAsking, setIsAsking] = useState(false)
  const selection = images.filter(({ imageId }) => selected.has(imageId))
  const [first, second] = selection
  const isAll = selection.length === images.length
  return (
    <section
      aria-label={translate('selection')}
      data-bottom-bar
      className="bottom-4 z-10 mt-6 flex flex-wrap items-center justify-between gap-x-2 gap-y-1 rounded-card border border-line bg-surface p-2 shadow-lg [@media(min-height:30rem)]:sticky"
    >
      <p role="status" className="ps-2 font-medium">
        {translate('selected', { count: selection.length })}
      </p>
      <div className="flex flex-wrap gap-1">
        <Button
          look="quiet"
          className="max-sm:px-3"
          onClick={() => onSelect(new Set(isAll ? [] : images.map(({ imageId }) => imageId)))}
        >
          {translate(isAll ? 'selectNone' : 'selectAll')}
        </Button>
        <Button
          look="danger"
          className="max-sm:px-4"
          disabled={!first}
          onClick={() => (first && !second ? onDelete(first) : setIsAsking(true))}
        >
          <Trash2 aria-hidden />
          <span>{translate('deleteSelected')}</span>
        </Button>
      </div>
      {isAsking && (
        <DeleteDialog
          collection={collection}
          images={selection}
          onDeleted={onDeleted}
          onClose={() => setIsAsking(false)}
        />
      )}
    </section>
  )
}
