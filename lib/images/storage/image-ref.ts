import 'server-only'
import { type Collection, collectionOf } from '@/lib/images/collections'
import type { Bucket } from '@/lib/s3/client'
import { bucketOf } from './buckets'
import { imageIdOf, isImageIdOf, isUploadIdOf } from './ids'

/** The person whose images a function reads or writes. The `uid` comes from the session and is part of every key. */
export interface Owner {
  uid: string
}

/** A collection of one person, with the bucket that stores it. */
export interface CollectionRef extends Owner {
  collection: Collection
  bucket: Bucket
}

export interface UploadRef extends CollectionRef {
  uploadId: string
}

export interface ImageRef extends CollectionRef {
  imageId: string
}

/** Returns where a person's collection is stored. */
export function refCollection({ uid }: Owner, collection: Collection): CollectionRef {
  return { uid, collection, bucket: bucketOf(collection) }
}

/** Resolves an uploadId. Null if it was not issued to this person: a 404 that reveals nothing else (security S10). */
export function resolveUpload(owner: Owner, uploadId: string): UploadRef | null {
  const collection = collectionOf(uploadId)
  return collection && isUploadIdOf(owner.uid, uploadId) ? { ...refCollection(owner, collection), uploadId } : null
}

/** Resolves an imageId. Null if it was not issued to this person: a 404 that reveals nothing else (security S10). */
export function resolveImage(owner: Owner, imageId: string): ImageRef | null {
  const collection = collectionOf(imageId)
  return collection && isImageIdOf(owner.uid, imageId) ? { ...refCollection(owner, collection), imageId } : null
}

/** Returns the image that a save of this crop creates. */
export function imageOfCrop({ uploadId, ...ref }: UploadRef, cropId: string, keepsOriginal: boolean): ImageRef {
  return { ...ref, imageId: imageIdOf(ref.uid, uploadId, cropId, keepsOriginal) }
}
