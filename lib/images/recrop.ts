import 'server-only'
import { randomUUID } from 'node:crypto'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject } from '@/lib/s3/objects'
import type { Recropped } from './schema'
import { readEntries, readEntryBody } from './storage/entries'
import { createUploadId } from './storage/ids'
import { type ImageRef, type Owner, resolveImage } from './storage/image-ref'
import { keys } from './storage/keys'
import { hasRoomForUpload, withPlace } from './storage/quota'
import { isDeleted, readTrail } from './storage/trail'
import { reachStage } from './upload-stages'

/**
 * "Crop again": copies the kept original to a new upload, which is cropped, counted and expired like any other. The
 * image does not change.
 * Errors: `not_found`, `no_original`, `quota`.
 * @returns the new upload, and the recipe of the image's crop
 */
export async function recropImage(owner: Owner, imageId: string): Promise<Result<Recropped>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  return withPlace('upload', owner, randomUUID(), (earlier) => copyOriginal(image, earlier))
}

/** @param earlier uploads that this host is still writing */
async function copyOriginal(image: ImageRef, earlier: string[]): Promise<Result<Recropped>> {
  const { uid, bucket, collection, imageId } = image
  let uploadId: string | undefined
  for (;;) {
    const [[entry], trail, hasRoom] = await Promise.all([
      readEntries(image),
      readTrail(image),
      hasRoomForUpload(image, earlier),
    ])
    if (!entry || isDeleted(trail, imageId)) return refuse('not_found')
    if (!entry.keepsOriginal) return refuse('no_original')
    if (!hasRoom) return refuse('quota')

    uploadId ??= createUploadId(uid, collection, bucket.clock.now())
    const [body, copied] = await Promise.all([
      readEntryBody(image, entry),
      copyObject(bucket, keys.original(uid, imageId), keys.upload(uid, uploadId)),
    ])
    // The image was deleted after its entries were listed.
    if (!copied) return refuse('not_found')
    if (body) {
      reachStage('issued', collection)
      return ok({ uploadId, recipe: body.recipe })
    }
    // A concurrent description replaced the entry, or a deletion erased it: reads the entries again.
  }
}
