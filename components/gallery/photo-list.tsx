import { useCollectionWords } from '@/components/collection'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { gridLook, LargePlaceholder } from './gallery-layout'
import { InUse } from './in-use'
import type { PhotoEvents } from './photo-actions'
import { photoId } from './photo-focus'
import { PhotoTile, type TileActions } from './photo-tile'

interface PhotoListProps extends TileActions, PhotoEvents {
  collection: Collection
  /** The photo in use, then all others. */
  images: readonly SavedImage[]
  /** The photo in use is on its way. */
  isReadingCurrent: boolean
  before: readonly SavedImage[]
  names: ReadonlyMap<string, string>
}

/** How many photos load at once: those of the first rows. */
const eagerPhotos = 7

/** The photo in use, large, then all others. */
export function PhotoList({ collection, images, isReadingCurrent, before, names, ...actions }: PhotoListProps) {
  const word = useCollectionWords(collection)
  const { mask } = collection
  if (images.length === 0) return null
  return (
    <ul aria-label={word('gallery.list')} className={gridLook(mask)}>
      {isReadingCurrent && (
        <li className="col-span-full mb-6">
          <LargePlaceholder collection={collection} />
        </li>
      )}
      {images.map((image, index) => (
        <li
          key={image.imageId}
          id={photoId(image.imageId)}
          className={cn(image.current ? 'col-span-full mb-6' : mask === 'rect' && 'self-start')}
        >
          {image.current ? (
            <InUse image={image} before={before} names={names} mask={mask} {...actions} />
          ) : (
            <PhotoTile
              {...actions}
              image={image}
              name={names.get(image.imageId) ?? ''}
              mask={mask}
              size="tile"
              still
              eager={index < eagerPhotos}
            />
          )}
        </li>
      ))}
    </ul>
  )
}
