import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { bucketOf } from './buckets'
import { type Collection, collectionOf } from './collections'
import { isIssuedTo } from './image-id'
import type { Owner } from './owner'

/** An image that a request names, with where it lives. */
export interface Addressed {
  uid: string
  imageId: string
  collection: Collection
  bucket: Bucket
}

/** The image of that id, if the id was issued to this person; null is for a 404 that tells nothing else (S10). */
export function addressImage(owner: Owner, imageId: string): Addressed | null {
  const collection = collectionOf(imageId)
  if (!collection || !isIssuedTo(owner.uid, imageId)) return null
  return { uid: owner.uid, imageId, collection, bucket: bucketOf(collection) }
}
