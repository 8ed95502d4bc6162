import type { GalleryPage, SavedImage } from '@/lib/images/schema'

/**
 * Every image loaded so far, newest first, and the cursor of the next page.
 * ImageIds sort newest first as plain strings, so ids alone decide order and duplicates.
 */
export type LoadedImages = GalleryPage

/**
 * Merges a first page that was read again: it replaces its own range, and the further pages stay.
 * If the two share no image, images may be missing between them, so only the first page stays.
 */
export function followFirst(loaded: LoadedImages, first: GalleryPage): LoadedImages {
  const last = first.images.at(-1)
  const known = new Set(loaded.images.map((image) => image.imageId))
  if (!last || first.nextCursor === null || !first.images.some((image) => known.has(image.imageId))) return first
  const further = loaded.images.filter((image) => image.imageId > last.imageId)
  if (further.length === 0) return first
  return { images: merge(further, first.images), nextCursor: loaded.nextCursor }
}

/** Appends the next page. */
export function appendPage(loaded: LoadedImages, page: GalleryPage): LoadedImages {
  return { images: merge(loaded.images, page.images), nextCursor: page.nextCursor }
}

/** Replaces the presigned URLs and changes nothing else. */
export function withUrls(loaded: LoadedImages, renewed: readonly SavedImage[]): LoadedImages {
  const byId = new Map(renewed.map(({ imageId, original, variants }) => [imageId, { original, variants }]))
  return { ...loaded, images: loaded.images.map((image) => ({ ...image, ...byId.get(image.imageId) })) }
}

/** Removes the images with these ids. */
export function withoutImages(loaded: LoadedImages, imageIds: readonly string[]): LoadedImages {
  return { ...loaded, images: loaded.images.filter((image) => !imageIds.includes(image.imageId)) }
}

/** Marks one image, or none, as current. */
export function withCurrent(loaded: LoadedImages, imageId: string | null): LoadedImages {
  return { ...loaded, images: loaded.images.map((image) => ({ ...image, current: image.imageId === imageId })) }
}

/** Changes the alt text of one image. */
export function withAlt(loaded: LoadedImages, imageId: string, alt: string): LoadedImages {
  return { ...loaded, images: loaded.images.map((image) => (image.imageId === imageId ? { ...image, alt } : image)) }
}

/** Merges two lists in order, each image once. The later read wins, also about which image is current. */
function merge(earlier: readonly SavedImage[], later: readonly SavedImage[]): SavedImage[] {
  const byId = new Map<string, SavedImage>()
  const hasCurrent = later.some((image) => image.current)
  for (const image of earlier) byId.set(image.imageId, hasCurrent ? { ...image, current: false } : image)
  for (const image of later) byId.set(image.imageId, image)
  return [...byId.values()].sort((a, b) => (a.imageId < b.imageId ? -1 : 1))
}
