import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { listObjects } from '@/lib/s3/objects'
import type { Collection } from './collections'
import { type GalleryPage, ImageId, type SavedImage } from './schema'
import { type Entry, newestRevisions, readEntries, toEntries } from './storage/entries'
import type { DeletedImage } from './storage/erase'
import { type Owner, refCollection, resolveImage } from './storage/image-ref'
import { imageIdInKey, keys } from './storage/keys'
import { isCurrent, isDeleted, readTrail, type Trail } from './storage/trail'
import { showSaved } from './storage/urls'

/** Images on a gallery page. */
export const pageSize = { default: 24, max: 100 }

/** How many more keys than images a page lists, for older revisions and for deleted images with entries. */
const spareKeys = 50

export interface PageRequest {
  /** `nextCursor` of the previous page; null for the first page. */
  cursor: string | null
  /** Number of images, 1 to `pageSize.max`. */
  limit: number
}

export interface Gallery {
  page: GalleryPage
  /** The entries of the page's images. */
  entries: Entry[]
  /** Deleted images that still have entries, for `cleanUp`. */
  deleted: DeletedImage[]
}

/**
 * Lists a page of a person's saved images, newest upload first. Costs one listing, beside the trail that the caller
 * reads: all data comes from the names. A page can have fewer images than the limit and still have a next page.
 * Errors: `invalid_request` (cursor).
 */
export async function listGallery(
  owner: Owner,
  collection: Collection,
  readingTrail: Promise<Trail>,
  { cursor, limit }: PageRequest,
): Promise<Result<Gallery>> {
  // The cursor is the id of the last image considered. The next listing starts after all of its revisions.
  if (cursor !== null && !ImageId.safeParse(cursor).success) {
    return refuse('invalid_request', { fields: [{ path: 'cursor', message: 'not a cursor of this gallery' }] })
  }
  const { uid, bucket } = refCollection(owner, collection)
  const startAfter = cursor === null ? undefined : keys.afterEntriesOfImage(uid, cursor)
  const [listed, trail] = await Promise.all([
    listObjects(bucket, keys.entriesOfCollection(uid, collection), limit + spareKeys, { startAfter }),
    readingTrail,
  ])

  const entries = toEntries(listed.objects)
  const shown = newestRevisions(entries).filter(({ imageId }) => !isDeleted(trail, imageId))
  const pageEntries = shown.slice(0, limit)
  const images = pageEntries.flatMap((entry) => {
    const image = resolveImage(owner, entry.imageId)
    return image ? [showSaved(image, entry, isCurrent(trail, entry.imageId))] : []
  })
  // If this build knows none of the listed names, the next page starts after the last of them.
  const lastListed = entries.at(-1)?.imageId ?? imageIdInKey(listed.objects.at(-1)?.key ?? '')
  const lastConsidered = (shown.length > limit ? shown[limit - 1]?.imageId : lastListed) ?? null
  const isLastPage = shown.length <= limit && listed.nextToken === null
  const page = { images: await Promise.all(images), nextCursor: isLastPage ? null : lastConsidered }

  const byImage = Map.groupBy(entries, ({ imageId }) => imageId)
  const deleted = [...byImage].flatMap(([imageId, entries]) => {
    const image = isDeleted(trail, imageId) ? resolveImage(owner, imageId) : null
    return image ? [{ image, entries }] : []
  })
  return ok({ page, entries: pageEntries, deleted })
}

/**
 * Reads one saved image.
 * Errors: `not_found`.
 */
export async function readImage(owner: Owner, imageId: string): Promise<Result<SavedImage>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [[entry], trail] = await Promise.all([readEntries(image), readTrail(image)])
  if (!entry || isDeleted(trail, imageId)) return refuse('not_found')
  return ok(await showSaved(image, entry, isCurrent(trail, imageId)))
}
