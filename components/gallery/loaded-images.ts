import type { GalleryPage, SavedImage } from '@/lib/images/schema'

/**
 * What the gallery holds: every picture loaded so far, newest first, and the cursor of what follows.
 * ImageIds sort newest first as plain strings, so order and duplicates are settled by id alone.
 */
export type LoadedImages = GalleryPage

/**
 * Follows a first page that was read again: it speaks for its own range, and the further pages stay.
 * Where the two have no picture in common, pictures may be missing between them: then only the first page is kept.
 */
export function followFirst(loaded: LoadedImages, first: GalleryPage): LoadedImages {
  const last = first.images.at(-1)
  const known = new Set(loaded.images.map((image) => image.imageId))
  if (!last || first.nextCursor === null || !first.images.some((image) => known.has(image.imageId))) return first
  const further = loaded.images.filter((image) => image.imageId > last.imageId)
  if (further.length === 0) return first
  return { images: joined(further, first.images), nextCursor: loaded.nextCursor }
}

/** Adds the next page. */
export function appendPage(loaded: LoadedImages, page: GalleryPage): LoadedImages {
  return { images: joined(loaded.images, page.images), nextCursor: page.nextCursor }
}

/** With the addresses as they were read again; nothing else changes. */
export function withUrls(loaded: LoadedImages, again: readonly SavedImage[]): LoadedImages {
  const byId = new Map(again.map(({ imageId, original, variants }) => [imageId, { original, variants }]))
  return { ...loaded, images: loaded.images.map((image) => ({ ...image, ...byId.get(image.imageId) })) }
}

/** Without the pictures of these ids. */
export function withoutImages(loaded: LoadedImages, imageIds: readonly string[]): LoadedImages {
  return { ...loaded, images: loaded.images.filter((image) => !imageIds.includes(image.imageId)) }
}

/** With that picture, or none, as the current one. */
export function withCurrent(loaded: LoadedImages, imageId: string | null): LoadedImages {
  return { ...loaded, images: loaded.images.map((image) => ({ ...image, current: image.imageId === imageId })) }
}

/** With another alt text for one picture. */
export function withAlt(loaded: LoadedImages, imageId: string, alt: string): LoadedImages {
  return { ...loaded, images: loaded.images.map((image) => (image.imageId === imageId ? { ...image, alt } : image)) }
}

/** Both lists in order, each picture once. What was read later wins, and so does its word on which one is current. */
function joined(earlier: readonly SavedImage[], later: readonly SavedImage[]): SavedImage[] {
  const byId = new Map<string, SavedImage>()
  const moved = later.some((image) => image.current)
  for (const image of earlier) byId.set(image.imageId, moved ? { ...image, current: false } : image)
  for (const image of later) byId.set(image.imageId, image)
  return [...byId.values()].sort((a, b) => (a.imageId < b.imageId ? -1 : 1))
}
