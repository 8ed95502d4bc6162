import { useSyncExternalStore } from 'react'
import type { Collection } from '@/lib/images/collections'
import { lateDeletion, nothingDeleted } from './late-deletion'
import { appendPage, type LoadedImages } from './loaded-images'
import { useCurrentImage } from './use-current-image'
import { useLoadedImages } from './use-loaded-images'
import { usePhotoNames } from './use-photo-names'
import { useUrlRenewal } from './use-url-renewal'

/** How many photos "Used before" offers. More would repeat the tiles below it. */
const maxBefore = 2

/** Returns the lists that a gallery shows, from its first page as the server read it. */
export function usePhotos(collection: Collection, first: LoadedImages) {
  const { loaded, setLoaded, isRestored } = useLoadedImages(collection, first)
  const deletions = useSyncExternalStore(lateDeletion.subscribe, lateDeletion.read, () => nothingDeleted)
  const names = usePhotoNames(loaded.images)

  const { currentId, used, nextCursor } = loaded
  const all = loaded.images.map((image) => ({ ...image, current: image.imageId === currentId }))
  const images = all
    .filter(({ imageId }) => !deletions.hidden.has(imageId))
    .sort((a, b) => Number(b.current) - Number(a.current))
  const find = (id: string | null | undefined) => all.find(({ imageId }) => imageId === id)
  useUrlRenewal(collection, images, setLoaded, isRestored)

  const isLoaded = find(currentId) !== undefined || deletions.hidden.has(currentId ?? '')
  const isReadingCurrent = useCurrentImage(isLoaded ? null : currentId, (image) =>
    setLoaded((now) => appendPage(now, { images: [image], nextCursor: now.nextCursor })),
  )
  return {
    /** The photo in use, then all others, newest first. */
    images,
    /** The photos that were in use before, the last one first. */
    before: used
      .flatMap((id) => images.filter(({ imageId, current }) => imageId === id && !current))
      .slice(0, maxBefore),
    names,
    nextCursor,
    /** The photo in use is on its way. */
    isReadingCurrent,
    deletions,
    /** Finds a photo that may be hidden. */
    find,
    setLoaded,
  }
}
