import 'server-only'
import { env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { perProcess } from '@/lib/per-process'
import type { Bucket } from '@/lib/s3/client'
import { type ListedObject, listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import { toEntries } from './entries'
import { uploadPartOf } from './ids'
import { type Owner, refCollection } from './image-ref'
import { keys, uploadIdInKey } from './keys'
import { readTrail } from './trail'

/** What this host is writing, by kind and person. Listings do not show it yet. */
const places = perProcess('quota-places', () => new Map<string, Set<{ id: string }>>())

/**
 * Runs a step that writes an image or an upload, and counts it until the step ends. Parallel steps of one host
 * therefore never exceed the quota: each counts all that started before it, by listing or by `earlier`.
 * @param work gets the ids that earlier steps are still writing
 */
export async function withPlace<T>(
  kind: 'image' | 'upload',
  { uid }: Owner,
  id: string,
  work: (earlier: string[]) => Promise<T>,
): Promise<T> {
  const name = `${kind}/${uid}`
  const writing = places.get(name) ?? new Set()
  places.set(name, writing)
  const earlier = [...writing].map((place) => place.id)
  const place = { id }
  writing.add(place)
  try {
    return await work(earlier)
  } finally {
    writing.delete(place)
    if (writing.size === 0) places.delete(name)
  }
}

/**
 * Returns whether a person may start another upload. Saved images, and uploads of the last day without a saved image,
 * count against USER_QUOTA in all collections together (security S21). Uploads have a size limit, so this limits bytes.
 * @param earlier uploads that this host is still writing
 */
export function hasRoomForUpload(owner: Owner, earlier: string[] = []): Promise<boolean> {
  const listUploadIds = async (bucket: Bucket) =>
    (await listUpTo(bucket, keys.uploadsOf(owner.uid), env().userQuota)).map(({ key }) => uploadIdInKey(key))
  return hasRoom(owner, [], async (buckets) => [...(await Promise.all(buckets.map(listUploadIds))).flat(), ...earlier])
}

/**
 * Returns whether a person may save another image. Uploads without a saved image do not count.
 * @param earlier images that this host is still saving
 */
export function hasRoomForImage(owner: Owner, earlier: string[]): Promise<boolean> {
  return hasRoom(owner, earlier, async () => [])
}

/** Counts the saved images of a person, in all collections. */
export async function countImages(owner: Owner): Promise<number> {
  const [imageIds, deleted] = await Promise.all([listImageIds(owner, Number.POSITIVE_INFINITY), listDeleted(owner)])
  return new Set(imageIds.filter((imageId) => !deleted.has(imageId))).size
}

async function hasRoom(
  owner: Owner,
  earlier: string[],
  listUploadIds: (buckets: Bucket[]) => Promise<string[]>,
): Promise<boolean> {
  const quota = env().userQuota
  const [imageIds, uploadIds] = await Promise.all([listImageIds(owner, quota), listUploadIds(allBuckets())])
  if (count([...imageIds, ...earlier], uploadIds) < quota) return true
  // Deleted images whose entries still exist do not count. The trails are read only here, before a refusal.
  const deleted = await listDeleted(owner)
  if (deleted.size === 0) return false
  const remaining = (await listImageIds(owner, Number.POSITIVE_INFINITY)).filter((imageId) => !deleted.has(imageId))
  return count([...remaining, ...earlier], uploadIds) < quota
}

const allBuckets = () => [...new Set(collections.map(bucketOf))]

async function listImageIds({ uid }: Owner, maxKeys: number): Promise<string[]> {
  const listed = await Promise.all(allBuckets().map((bucket) => listUpTo(bucket, keys.entries(uid), maxKeys)))
  return toEntries(listed.flat()).map(({ imageId }) => imageId)
}

/** Counts images, and the uploads that have none. An imageId is listed once per revision but counts once. */
function count(imageIds: string[], uploadIds: string[]): number {
  const saved = new Set(imageIds.map(uploadPartOf))
  return new Set(imageIds).size + uploadIds.filter((uploadId) => !saved.has(uploadPartOf(uploadId))).length
}

async function listDeleted(owner: Owner): Promise<Set<string>> {
  const trails = await Promise.all(collections.map((collection) => readTrail(refCollection(owner, collection))))
  return new Set(trails.flatMap(({ tombstones }) => [...tombstones.keys()]))
}

/** Lists whole pages until there are `maxKeys` keys or no more. */
async function listUpTo(bucket: Bucket, prefix: string, maxKeys: number): Promise<ListedObject[]> {
  const listed: ListedObject[] = []
  let token: string | undefined
  do {
    const page = await listObjects(bucket, prefix, 1000, { token })
    listed.push(...page.objects)
    token = page.nextToken ?? undefined
  } while (token && listed.length < maxKeys)
  return listed
}
