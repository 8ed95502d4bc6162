import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { listObjects } from '@/lib/s3/objects'
import type { Collection } from './collections'
import { type GalleryPage, ImageId } from './schema'
import { bucketOf } from './storage/buckets'
import { newestRevisions, toEntries } from './storage/entries'
import type { DeletedImage } from './storage/erase'
import { resolveImage } from './storage/image-ref'
import { imageIdInKey, keys } from './storage/keys'
import type { Owner } from './storage/owner'
import { currentOf, isDeleted, type Trail } from './storage/trail'
import { showSaved } from './storage/urls'

/** Images on a page unless the caller asks otherwise, and at most. */
export const pageSize = { standard: 24, most: 100 }

/** How many keys more than images a page lists: older revisions, and deleted images that are not erased yet. */
const spareKeys = 50

export interface PageRequest {
  /** `nextCursor` of the page before; null for the first. */
  cursor: string | null
  /** Images, 1 to 100. */
  limit: number
}

export interface Gallery extends GalleryPage {
  /** Images that are deleted and of which entries exist, for `cleanUp`. */
  deleted: DeletedImage[]
}

/**
 * Lists a page of a person's saved images, newest upload first. With the trail, which the caller reads meanwhile, it
 * costs two requests to the store, whatever the number of images: the rest follows from the names.
 * A page may be shorter than the limit and still have a next one.
 * Errors: `invalid_request` (cursor).
 */
export async function listGallery(
  owner: Owner,
  collection: Collection,
  trailRead: Promise<Trail>,
  { cursor, limit }: PageRequest,
): Promise<Result<Gallery>> {
  // The cursor is the last image that was considered; its older revisions are not listed again.
  if (cursor !== null && !ImageId.safeParse(cursor).success) {
    return refuse('invalid_request', { fields: [{ path: 'cursor', message: 'not a cursor of this gallery' }] })
  }
  const bucket = bucketOf(collection)
  const startAfter = cursor === null ? undefined : keys.afterEntriesOfImage(owner.uid, cursor)
  const [page, trail] = await Promise.all([
    listObjects(bucket, keys.entriesOfCollection(owner.uid, collection), limit + spareKeys, { startAfter }),
    trailRead,
  ])

  const entries = toEntries(page.objects)
  const current = currentOf(trail)
  const shown = newestRevisions(entries).filter(({ imageId }) => !isDeleted(trail, imageId))
  const images = shown.slice(0, limit).flatMap((entry) => {
    const image = resolveImage(owner, entry.imageId)
    return image ? [showSaved(image, entry, current?.imageId === entry.imageId)] : []
  })
  // A page may be full of names that this build does not know: the listing goes on after them.
  const lastListed = entries.at(-1)?.imageId ?? imageIdInKey(page.objects.at(-1)?.key ?? '')
  const cursorHere = (shown.length > limit ? shown[limit - 1]?.imageId : lastListed) ?? null
  const isLastPage = shown.length <= limit && page.nextToken === null
  const deletedIds = new Set(entries.map(({ imageId }) => imageId).filter((imageId) => isDeleted(trail, imageId)))
  const deleted = [...deletedIds].flatMap((imageId) => {
    const image = resolveImage(owner, imageId)
    return image ? [{ image, entries: entries.filter((entry) => entry.imageId === imageId) }] : []
  })
  return ok({ images: await Promise.all(images), nextCursor: isLastPage ? null : cursorHere, deleted })
}

/** What the client gets of a gallery. */
export function toGalleryPage({ images, nextCursor }: Gallery): GalleryPage {
  return { images, nextCursor }
}
