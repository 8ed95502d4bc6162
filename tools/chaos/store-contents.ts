import { isProbe } from '@/lib/images/storage/keys'
import type { Bucket } from '@/lib/s3/client'
import { deleteObjects, getObject, listObjects } from '@/lib/s3/objects'

/** The prefixes of objects that expire (docs/layout.md). */
const expiringPrefixes = ['incoming/', 'drafts/']

/**
 * Lists all keys that do not expire, by the uid in them. A key without a uid is listed under the empty uid. Leaves out
 * test objects: a host that is killed while it checks the store leaves them, and a later check removes them.
 */
export async function listKept(buckets: Bucket[]): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>()
  for (const bucket of buckets) {
    for await (const keys of pages(bucket, '')) {
      const kept = keys.filter((key) => !isProbe(key) && !expiringPrefixes.some((prefix) => key.startsWith(prefix)))
      for (const key of kept) {
        const uid = key.split('/')[1] ?? ''
        const own = all.get(uid)
        if (own) own.push(key)
        else all.set(uid, [key])
      }
    }
  }
  return all
}

/** Deletes all objects that expire within two days. @returns their number */
export async function expireAll(buckets: Bucket[]): Promise<number> {
  let count = 0
  for (const bucket of buckets) {
    for (const prefix of expiringPrefixes) {
      const deletions: Promise<void>[] = []
      for await (const keys of pages(bucket, prefix)) {
        count += keys.length
        deletions.push(deleteObjects(bucket, keys))
        if (deletions.length > 3) await deletions.shift()
      }
      await Promise.all(deletions)
    }
  }
  return count
}

/** Returns the bytes of an object, or null if it does not exist. */
export async function readBytes(bucket: Bucket, key: string): Promise<Uint8Array | null> {
  return (await getObject(bucket, key, 20_000_000))?.bytes ?? null
}

async function* pages(bucket: Bucket, prefix: string): AsyncGenerator<string[]> {
  let token: string | undefined
  do {
    const page = await listObjects(bucket, prefix, 1000, { token })
    yield page.objects.map(({ key }) => key)
    token = page.nextToken ?? undefined
  } while (token)
}
