import 'server-only'
import type { Collection } from '@/lib/images/collections'
import { deleteObjects, listAllObjects, listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import { type DeletedImage, eraseByListing, eraseRest, mediaKeys } from './erase'
import { invertTime, issuedAt } from './ids'
import { resolveImage } from './image-ref'
import { imageIdInKey, keys, parseEntryKey } from './keys'
import type { Owner } from './owner'
import { headOf, placeOfCleanup, putName, putTrailItem, type Trail } from './trail'

/** From this age on nothing is under way any more for an upload or a deletion. Saves are refused at T + 47 h. */
const settledMs = 48 * 60 * 60 * 1000

/**
 * Erases what deletions and killed saves left in a collection. To be called after a gallery response; usually there is
 * nothing to do.
 * @param trail that was read for the gallery
 * @param deleted images of which the gallery has listed entries
 */
export async function cleanUp(
  owner: Owner,
  collection: Collection,
  trail: Trail,
  deleted: DeletedImage[],
): Promise<void> {
  const now = bucketOf(collection).clock.now()
  await eraseDeleted(deleted)
  await removeTombstones(owner, collection, trail, now)
  await eraseOrphans(owner, collection, trail, now)
}

/** Finishes deletions that were killed. */
async function eraseDeleted(deleted: DeletedImage[]): Promise<void> {
  const [first] = deleted
  if (!first) return
  await deleteObjects(first.image.bucket, deleted.flatMap(mediaKeys))
  await eraseRest(deleted)
}

/**
 * Removes tombstones once nothing can be written for their images any more: both the deletion and T are 48 hours ago.
 * The age of a tombstone is the one thing that an object's own time decides, since its name has none.
 */
async function removeTombstones(owner: Owner, collection: Collection, trail: Trail, now: number): Promise<void> {
  for (const [imageId, writtenAt] of trail.tombstones) {
    const image = resolveImage(owner, imageId)
    const isSettled = now - writtenAt.getTime() > settledMs && now - issuedAt(imageId) > settledMs
    if (!image || !isSettled) continue
    const head = headOf(trail)
    // Without its tombstone it would be current again.
    if (head?.image?.imageId === imageId) await putTrailItem(image, placeOfCleanup(head.id), null)
    await eraseByListing(image)
    await deleteObjects(image.bucket, [keys.tombstone(image.uid, collection, imageId)])
  }
}

/** Erases copies that a killed save left without an entry, once a day. */
async function eraseOrphans(owner: Owner, collection: Collection, trail: Trail, now: number): Promise<void> {
  const bucket = bucketOf(collection)
  const { uid } = owner
  const today = new Date(now).toISOString().slice(0, 10)
  if (trail.cleanedOn.includes(today)) return
  // Copies first, then entries: an image whose copies were listed before its entry was written is not taken for an orphan.
  const copied = (
    await Promise.all([keys.media(uid, collection), keys.originals(uid, collection)].map(settledIds))
  ).flat()
  const entries = await listAllObjects(bucket, keys.entriesOfCollection(uid, collection))
  const saved = new Set(entries.map(({ key }) => parseEntryKey(key)?.imageId))
  for (const imageId of new Set(copied)) {
    const image = saved.has(imageId) ? null : resolveImage(owner, imageId)
    if (!image) continue
    // Looked at once more, immediately before it is erased. Here an entry of a newer build counts as one, too.
    const { objects } = await listObjects(bucket, keys.entriesOfImage(uid, imageId), 1)
    if (objects.length === 0) await eraseByListing(image)
  }
  await putName(bucket, keys.cleaned(uid, collection, today))
  await deleteObjects(
    bucket,
    trail.cleanedOn.map((day) => keys.cleaned(uid, collection, day)),
  )

  /** Lists the imageIds below a prefix that ends in the collection's code, of uploads issued 48 hours ago or earlier. */
  async function settledIds(prefix: string): Promise<string[]> {
    const startAfter = prefix + invertTime(now - settledMs)
    const objects = await listAllObjects(bucket, prefix, { startAfter })
    return objects.flatMap(({ key }) => imageIdInKey(key) ?? [])
  }
}
