import 'server-only'
import { env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import type { Bucket } from '@/lib/s3/client'
import { type ListedObject, listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import { toEntries } from './entries'
import { openPartOf } from './ids'
import { keys, uploadIdInKey } from './keys'
import type { Owner } from './owner'
import { readTrail } from './trail'

/**
 * Whether a person may start another upload: saved images, and uploads of the last day of which none is saved, of all
 * collections together, stay within USER_QUOTA (security S21). As every upload has a largest size, this bounds bytes too.
 */
export function hasRoomForUpload(owner: Owner): Promise<boolean> {
  return hasRoom(owner, async (bucket) => {
    const [images, uploads] = await Promise.all([listImages(bucket, owner), listUploads(bucket, owner)])
    return { images, uploads }
  })
}

/** Whether a person may save another image: uploads that are not saved do not count. */
export function hasRoomForImage(owner: Owner): Promise<boolean> {
  return hasRoom(owner, async (bucket) => ({ images: await listImages(bucket, owner), uploads: [] }))
}

/** What counts in one bucket, by id. */
interface Held {
  images: string[]
  uploads: string[]
}

async function hasRoom(owner: Owner, readHeld: (bucket: Bucket) => Promise<Held>): Promise<boolean> {
  const buckets = [...new Set(collections.map(bucketOf))]
  const held = await Promise.all(buckets.map(readHeld))
  if (count(held, new Set()) < env().userQuota) return true
  // Deleted images whose entries are not erased yet do not count. Their tombstones are read only before a refusal.
  const deleted = await listDeleted(owner)
  if (deleted.size === 0) return false
  const all = await Promise.all(buckets.map((bucket) => listImages(bucket, owner, Number.POSITIVE_INFINITY)))
  return (
    count(
      held.map((of, at) => ({ ...of, images: all[at] ?? [] })),
      deleted,
    ) < env().userQuota
  )
}

/** An upload that was saved counts as its images, not as an upload. */
function count(held: Held[], deleted: Set<string>): number {
  const images = new Set(held.flatMap((of) => of.images).filter((imageId) => !deleted.has(imageId)))
  const saved = new Set([...images].map(openPartOf))
  return images.size + held.flatMap((of) => of.uploads).filter((uploadId) => !saved.has(openPartOf(uploadId))).length
}

async function listImages(bucket: Bucket, { uid }: Owner, atMost = env().userQuota): Promise<string[]> {
  return toEntries(await listUpTo(bucket, keys.entries(uid), atMost)).map(({ imageId }) => imageId)
}

async function listUploads(bucket: Bucket, { uid }: Owner): Promise<string[]> {
  return (await listUpTo(bucket, keys.uploadsOf(uid), env().userQuota)).map(({ key }) => uploadIdInKey(key))
}

async function listDeleted({ uid }: Owner): Promise<Set<string>> {
  const trails = collections.map((collection) => readTrail({ bucket: bucketOf(collection), uid, collection }))
  return new Set((await Promise.all(trails)).flatMap(({ tombstones }) => [...tombstones.keys()]))
}

/** Lists pages until there are so many keys, or no more. */
async function listUpTo(bucket: Bucket, prefix: string, atMost: number): Promise<ListedObject[]> {
  const listed: ListedObject[] = []
  let token: string | undefined
  do {
    const page = await listObjects(bucket, prefix, 1000, { token })
    listed.push(...page.objects)
    token = page.nextToken ?? undefined
  } while (token && listed.length < atMost)
  return listed
}
