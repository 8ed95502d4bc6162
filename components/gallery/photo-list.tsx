import { useCollectionWords } from '@/components/collection'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { gridLook, LargePlaceholder } from './gallery-layout'
import { InUse } from './in-use'
import type { PhotoEvents } from './photo-actions'
import { PhotoTile, photoId, type TileActions } from './photo-tile'

interface PhotoListProps extends TileActions, PhotoEvents {
  collection: Collection
  current: SavedImage | undefined | 'reading'
  /** The photos that are not in use, newest first. */
  others: readonly SavedImage[]
  before: readonly SavedImage[]
  names: ReadonlyMap<string, string>
}

/** The photos in the first rows, which load at once. */
const eagerTiles = 6

/** The photo in use, large, then all others. */
export function PhotoList({ collection, current, others, before, names, ...actions }: PhotoListProps) {
  const word = useCollectionWords(collection)
  const { mask } = collection
  if (!current && others.length === 0) return null
  return (
    <ul aria-label={word('gallery.list')} className={gridLook(mask)}>
      {current === 'reading' && (
        <li className="col-span-full mb-6">
          <LargePlaceholder collection={collection} />
        </li>
      )}
      {current && current !== 'reading' && (
        <li key={current.imageId} id={photoId(current.imageId)} className="col-span-full mb-6">
          <InUse image={current} before={before} names={names} mask={mask} {...actions} />
        </li>
      )}
      {others.map((image, index) => (
        <li key={image.imageId} id={photoId(image.imageId)} className={cn(mask === 'rect' && 'self-start')}>
          <PhotoTile
            {...actions}
            image={image}
            name={names.get(image.imageId) ?? ''}
            mask={mask}
            size="tile"
            still
            eager={index < eagerTiles}
          />
        </li>
      ))}
    </ul>
  )
}
