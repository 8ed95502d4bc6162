import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { isInvalidArgument, type ListedPage, listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import type { Collection } from './collections'
import { showSaved } from './delivery'
import { type Entry, entryOf, isShown, pickEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { keys } from './keys'
import type { Owner } from './owner'
import type { GalleryPage } from './schema'
import { asStep } from './step'
import { findHead, isMarkedDeleted, type Trail } from './trail'

/** Pictures on a page unless the caller asks otherwise, and at most. */
export const pageSize = { standard: 24, most: 100 }

export interface PageRequest {
  /** `nextCursor` of the page before; null for the first. */
  cursor: string | null
  limit: number
}

/**
 * A page of a person's saved pictures, newest first. With the trail, which the caller reads meanwhile, it costs two
 * requests to the store, whatever the number of pictures: both are listed, and the rest follows from the names
 * (contract, rule 8).
 * Refusals: `invalid_request` (cursor).
 */
export const listGallery = asStep(
  async (
    owner: Owner,
    collection: Collection,
    trailRead: Promise<Trail>,
    { cursor, limit }: PageRequest,
  ): Promise<Result<GalleryPage>> => {
    const bucket = bucketOf(collection)
    const after = cursor === null ? null : parseCursor(cursor)
    const [listed, trail] = await Promise.all([
      after === undefined ? null : listAfter(bucket, keys.entriesOf(owner.uid, collection), limit, after?.token),
      trailRead,
    ])
    if (!listed) {
      return refuse('invalid_request', { fields: [{ path: 'cursor', message: 'not a cursor of this gallery' }] })
    }

    const all = listed.objects.map(entryOf)
    const entries = oneForEachImage(all, trail).filter(
      // What was deleted may stand again for a while: a try of its save came late.
      ({ imageId }) => imageId !== after?.imageId && !isMarkedDeleted(trail, imageId),
    )
    const isCovered = (imageId: string) =>
      (cursor === null || imageId >= (all[0]?.imageId ?? '')) &&
      (listed.nextToken === null || imageId <= (all.at(-1)?.imageId ?? ''))
    // Only a save that is under way or was killed makes one ask whether its entry stands. It is new as a rule, so this
    // very page tells; else it costs a third request.
    const head = await findHead(trail, (image) => {
      const listedHere = pickEntry(
        all.filter(({ imageId }) => imageId === image.imageId),
        trail,
      )
      if (listedHere) return listedHere.cropId === image.cropId
      return isCovered(image.imageId) ? false : isShown(bucket, owner.uid, trail, image)
    })
    const images = entries.map((entry) => {
      const image = { uid: owner.uid, imageId: entry.imageId, collection, bucket }
      return showSaved(image, { ...entry, isCurrent: head?.image?.imageId === entry.imageId })
    })
    const last = all.at(-1)
    const nextCursor = listed.nextToken && last ? `${last.imageId}.${listed.nextToken}` : null
    return ok({ images: await Promise.all(images), nextCursor })
  },
)

/**
 * A cursor is the store's own continuation token, and the last image before it: of that one an older entry may still
 * follow, when its description was killed between its two writes. Undefined: not a cursor.
 */
function parseCursor(cursor: string): { imageId: string; token: string } | undefined {
  const [, imageId, token] = /^([a-z][0-9a-v]{26})\.(.+)$/.exec(cursor) ?? []
  return imageId && token ? { imageId, token } : undefined
}

/** A page of the listing, or null when the store does not know the token. */
async function listAfter(bucket: Bucket, prefix: string, limit: number, token?: string): Promise<ListedPage | null> {
  try {
    return await listObjects(bucket, prefix, limit, token)
  } catch (error) {
    if (token !== undefined && isInvalidArgument(error)) return null
    throw error
  }
}

/** Of the entries of one image, which stand side by side, the one that counts. */
function oneForEachImage(entries: Entry[], trail: Trail): Entry[] {
  const firsts = entries.filter((entry, index) => entries[index - 1]?.imageId !== entry.imageId)
  return firsts.map(
    ({ imageId }) =>
      pickEntry(
        entries.filter((entry) => entry.imageId === imageId),
        trail,
      ) as Entry,
  )
}
