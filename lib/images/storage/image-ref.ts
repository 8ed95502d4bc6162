import 'server-only'
import { type Collection, collectionOf } from '@/lib/images/collections'
import type { Bucket } from '@/lib/s3/client'
import { bucketOf } from './buckets'
import { imageIdOf, isImageIdOf, isUploadIdOf } from './ids'
import type { Owner } from './owner'

interface Place {
  uid: string
  collection: Collection
  bucket: Bucket
}

/** An upload that a request names, with where it is stored. */
export interface UploadRef extends Place {
  uploadId: string
}

/** An image that a request names, with where it is stored. */
export interface ImageRef extends Place {
  imageId: string
}

/** Resolves an uploadId. Null if it was not issued to this person: a 404 that reveals nothing else (S10). */
export function resolveUpload(owner: Owner, uploadId: string): UploadRef | null {
  const collection = collectionOf(uploadId)
  if (!collection || !isUploadIdOf(owner.uid, uploadId)) return null
  return { uid: owner.uid, uploadId, collection, bucket: bucketOf(collection) }
}

/** Resolves an imageId. Null if it was not issued to this person: a 404 that reveals nothing else (S10). */
export function resolveImage(owner: Owner, imageId: string): ImageRef | null {
  const collection = collectionOf(imageId)
  if (!collection || !isImageIdOf(owner.uid, imageId)) return null
  return { uid: owner.uid, imageId, collection, bucket: bucketOf(collection) }
}

/** The image that saving this crop makes. */
export function imageOfCrop({ uid, uploadId, collection, bucket }: UploadRef, crop: CropChoice): ImageRef {
  return { uid, imageId: imageIdOf(uid, uploadId, crop.cropId, crop.keepsOriginal), collection, bucket }
}

interface CropChoice {
  cropId: string
  keepsOriginal: boolean
}
