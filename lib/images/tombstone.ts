import 'server-only'
import { headObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { keys } from './keys'

/** Whether the image was deleted: nothing may be saved or made current under its id any more (contract, rule 5). */
export async function isDeleted(image: Addressed): Promise<boolean> {
  return (await headObject(image.bucket, keys.tombstone(image.uid, image.imageId))) !== null
}
