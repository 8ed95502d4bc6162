import 'server-only'
import { headObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { keys } from './keys'

/**
 * Whether the image was deleted: nothing may be saved or made current under its id any more (contract, rule 5). The
 * tombstone stands first, and the mark until the sweep, which may come long after the tombstone has expired.
 */
export async function isDeleted(image: Addressed): Promise<boolean> {
  const { uid, imageId, bucket, collection } = image
  const [isEntombed, mark] = await Promise.all([
    hasTombstone(image),
    headObject(bucket, keys.deletePending(uid, collection, imageId)),
  ])
  return isEntombed || mark !== null
}

/** The same, for whoever has the trail, which tells of the mark. */
export async function hasTombstone({ uid, imageId, bucket }: Addressed): Promise<boolean> {
  return (await headObject(bucket, keys.tombstone(uid, imageId))) !== null
}
