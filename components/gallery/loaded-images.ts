import type { GalleryPage, SavedImage } from '@/lib/images/schema'

/**
 * Every image loaded so far, newest first, and the cursor of the next page.
 * ImageIds sort newest first as plain strings, so ids alone decide order and duplicates.
 */
export interface LoadedImages extends GalleryPage {
  /** The image in use. May be older than the loaded pages. */
  currentId: string | null
  /** The ids of the images that were in use, the last one first. */
  used: string[]
}

/**
 * Merges a first page that was read again: it replaces its own range, and the further pages stay.
 * If the two share no image, images may be missing between them, so only the first page stays.
 */
export function followFirst(loaded: LoadedImages, first: LoadedImages): LoadedImages {
  const last = first.images.at(-1)
  const known = new Set(loaded.images.map((image) => image.imageId))
  if (!last || first.nextCursor === null || !first.images.some((image) => known.has(image.imageId))) return first
  const further = loaded.images.filter((image) => image.imageId > last.imageId)
  if (further.length === 0) return first
  return { ...first, images: merge(further, first.images), nextCursor: loaded.nextCursor }
}

/** Appends the next page. */
export function appendPage(loaded: LoadedImages, { images, nextCursor }: GalleryPage): LoadedImages {
  return { ...loaded, images: merge(loaded.images, images), nextCursor }
}

/** Replaces properties of loaded images, by imageId. Adds no image. */
export function withChanges(
  loaded: LoadedImages,
  changes: readonly (Pick<SavedImage, 'imageId'> & Partial<SavedImage>)[],
): LoadedImages {
  const byId = new Map(changes.map((change) => [change.imageId, change]))
  return { ...loaded, images: loaded.images.map((image) => ({ ...image, ...byId.get(image.imageId) })) }
}

/** Merges two lists in order, each image once. The later read wins. */
function merge(earlier: readonly SavedImage[], later: readonly SavedImage[]): SavedImage[] {
  const byId = new Map([...earlier, ...later].map((image) => [image.imageId, image]))
  return [...byId.values()].sort((a, b) => (a.imageId < b.imageId ? -1 : 1))
}
