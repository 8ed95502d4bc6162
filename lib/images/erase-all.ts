import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { deleteVersions, listVersions, type Version } from '@/lib/s3/versions'
import { collections } from './collections'
import type { EraseAnswer } from './schema'
import { bucketOf } from './storage/buckets'
import type { Owner } from './storage/image-ref'
import { keys } from './storage/keys'

/**
 * Erases everything that a person has stored, step by step: call it until `done` (security S37). A step erases up to
 * 1,000 objects of each bucket, by listing whole prefixes, so also those of a newer build. It can be repeated, on any
 * host. Variants go first, because they may be public; the epoch of the person's sessions goes last, which ends them.
 * @throws VersionsKept if a bucket is versioned and the host may not erase versions
 */
export async function eraseAll({ uid }: Owner): Promise<EraseAnswer> {
  const buckets = [...new Set(collections.map(bucketOf))]
  const counts = await Promise.all(buckets.map((bucket) => eraseSome(bucket, uid)))
  const erased = counts.reduce((sum, count) => sum + count, 0)
  if (erased > 0) return { done: false, erased }
  const epochs = await Promise.all(buckets.map((bucket) => erase(bucket, keys.epoch(uid))))
  return { done: true, erased: epochs.reduce((sum, count) => sum + count, 0) }
}

/** Erases the first objects of the first prefix that has any. @returns how many */
async function eraseSome(bucket: Bucket, uid: string): Promise<number> {
  for (const prefix of keys.everythingOf(uid)) {
    const count = await erase(bucket, prefix, (versions) => {
      // Only the newest one counts. Old ones would hide what is listed after them, and revive sessions as they get newest.
      const epoch = versions.find(({ key }) => key === keys.epoch(uid))
      return versions.filter((version) => version !== epoch)
    })
    if (count > 0) return count
  }
  return 0
}

async function erase(bucket: Bucket, prefix: string, choose = (versions: Version[]) => versions): Promise<number> {
  const versions = choose(await listVersions(bucket, prefix))
  await deleteVersions(bucket, versions)
  return versions.length
}
