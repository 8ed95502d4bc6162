import 'server-only'
import { env } from '@/lib/env'
import type { Bucket } from '@/lib/s3/client'
import { type ListedObject, listObjects } from '@/lib/s3/objects'
import { bucketOf } from './buckets'
import { collections } from './collections'
import { keys, parseEntryKey, uploadIdOf } from './keys'
import type { Owner } from './owner'

/**
 * Whether a person has room for another picture: pictures kept and uploads of the last day, of all collections
 * together, stay within USER_QUOTA (security S21). As every upload has a largest size, this bounds bytes too.
 */
export async function hasRoom(owner: Owner): Promise<boolean> {
  const buckets = new Set(collections.map(bucketOf))
  const held = await Promise.all([...buckets].map((bucket) => imagesIn(bucket, owner)))
  return new Set(held.flat()).size < env().userQuota
}

/** The images that a person has in a bucket. A saved picture's upload is there until it expires: it is named twice. */
async function imagesIn(bucket: Bucket, { uid }: Owner): Promise<string[]> {
  const [entries, uploads] = await Promise.all([
    listUpToQuota(bucket, keys.entries(uid)),
    listUpToQuota(bucket, keys.incomingOf(uid)),
  ])
  return [...entries.map(({ key }) => parseEntryKey(key).imageId), ...uploads.map(({ key }) => uploadIdOf(key))]
}

async function listUpToQuota(bucket: Bucket, prefix: string): Promise<ListedObject[]> {
  const listed: ListedObject[] = []
  let token: string | undefined
  do {
    const page = await listObjects(bucket, prefix, 1000, token)
    listed.push(...page.objects)
    token = page.nextToken ?? undefined
  } while (token && listed.length < env().userQuota)
  return listed
}
