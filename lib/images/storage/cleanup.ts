import 'server-only'
import type { Collection } from '@/lib/images/collections'
import { deleteObjects, listAllObjects, listObjects } from '@/lib/s3/objects'
import { type DeletedImage, eraseByListing, finishDeletions, mediaKeys } from './erase'
import { invertTime, issuedAt } from './ids'
import { type CollectionRef, type Owner, refCollection, resolveImage } from './image-ref'
import { imageIdInKey, keys, parseEntryKey } from './keys'
import { headOf, putName, putTrailItem, type Trail, trailIdForCleanup } from './trail'

/** The age at which all writes for an upload or a deletion have ended. Saves are rejected from T + 47 h. */
const settledMs = 48 * 60 * 60 * 1000

/**
 * Erases what interrupted deletions and saves left in a collection. Call it after a gallery response; usually
 * there is nothing to erase.
 * @param trail as read for the gallery
 * @param deleted images with entries in the gallery's listing
 */
export async function cleanUp(
  owner: Owner,
  collection: Collection,
  trail: Trail,
  deleted: DeletedImage[],
): Promise<void> {
  const ref = refCollection(owner, collection)
  const now = ref.bucket.clock.now()
  if (deleted.length > 0) {
    await deleteObjects(ref.bucket, deleted.flatMap(mediaKeys))
    await finishDeletions(deleted)
  }
  await removeTombstones(ref, trail, now)
  await eraseOrphans(ref, trail, now)
}

/**
 * Removes tombstones that are 48 hours old and whose T is 48 hours ago: no write for their images can follow.
 * LastModified gives the age of a tombstone, because its name contains no time. Only `eraseOldCrops` uses LastModified too.
 */
async function removeTombstones(ref: CollectionRef, trail: Trail, now: number): Promise<void> {
  for (const [imageId, writtenAt] of trail.tombstones) {
    const image = resolveImage(ref, imageId)
    const isSettled = now - writtenAt.getTime() > settledMs && now - issuedAt(imageId) > settledMs
    if (!image || !isSettled) continue
    const head = headOf(trail)
    // Without its tombstone, the head's image would become current again.
    if (head?.image?.imageId === imageId) await putTrailItem(ref, trailIdForCleanup(head.id), null)
    await eraseByListing(image)
    await deleteObjects(ref.bucket, [keys.tombstone(ref.uid, ref.collection, imageId)])
  }
}

/** Erases, once a day, copies of interrupted saves that have no entry. */
async function eraseOrphans({ bucket, uid, collection }: CollectionRef, trail: Trail, now: number): Promise<void> {
  const today = new Date(now).toISOString().slice(0, 10)
  if (trail.cleanedOn.includes(today)) return
  // Lists copies before entries: an entry written between the two listings still protects its copies.
  const [media, originals] = await Promise.all([
    listSettled(keys.media(uid, collection)),
    listSettled(keys.originals(uid, collection)),
  ])
  const entries = await listAllObjects(bucket, keys.entriesOfCollection(uid, collection))
  const saved = new Set(entries.map(({ key }) => parseEntryKey(key)?.imageId))
  for (const imageId of new Set([...media, ...originals])) {
    const image = saved.has(imageId) ? null : resolveImage({ uid }, imageId)
    if (!image) continue
    // Checks again immediately before erasing. Here an entry of a newer build counts too.
    const { objects } = await listObjects(bucket, keys.entriesOfImage(uid, imageId), 1)
    if (objects.length === 0) await eraseByListing(image)
  }
  await putName(bucket, keys.cleaned(uid, collection, today))
  const olderDays = trail.cleanedOn.map((day) => keys.cleaned(uid, collection, day))
  await deleteObjects(bucket, olderDays)

  /** Lists imageIds whose T is at least 48 hours ago. @param prefix ends in the collection's code */
  async function listSettled(prefix: string): Promise<string[]> {
    const startAfter = prefix + invertTime(now - settledMs)
    const objects = await listAllObjects(bucket, prefix, { startAfter })
    return objects.flatMap(({ key }) => imageIdInKey(key) ?? [])
  }
}
