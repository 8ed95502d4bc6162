import 'server-only'
import { headObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { keys } from './keys'

/**
 * Whether the image was deleted: nothing may be saved or made current under its id any more (contract, rule 5). The
 * tombstone stands first, and the mark until the sweep, which may come long after the tombstone has expired.
 */
export async function isDeleted({ uid, imageId, bucket, collection }: Addressed): Promise<boolean> {
  const signs = [keys.tombstone(uid, imageId), keys.deletePending(uid, collection, imageId)]
  const heads = await Promise.all(signs.map((key) => headObject(bucket, key)))
  return heads.some((head) => head !== null)
}
