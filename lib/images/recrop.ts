import 'server-only'
import { copyObject, headObject, putObject } from '@/lib/s3/objects'
import { type Addressed, addressImage } from './addressed'
import { readEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { createImageId } from './image-id'
import { keys } from './keys'
import { readRecipe } from './manifest'
import type { Owner } from './owner'
import { hasRoom } from './quota'
import type { Recropped } from './schema'
import { asStep } from './step'
import { isDeleted } from './tombstone'

/**
 * "Crop again": a new image from the kept original, opened where the old crop was left. The old picture stays as
 * it is, and both live on their own from here on.
 * Refusals: `not_found`, `no_original`, `quota`.
 */
export const recropImage = asStep(async (owner: Owner, imageId: string): Promise<Result<Recropped>> => {
  const image = addressImage(owner, imageId)
  if (!image) return refuse('not_found')
  const { uid, bucket, collection } = image
  const [isGone, entry] = await Promise.all([isDeleted(image), readEntry(image)])
  if (isGone || !entry) return refuse('not_found')
  if (!entry.keepsOriginal) return refuse('no_original')
  if (!(await hasRoom(owner))) return refuse('quota')

  const originalKey = keys.original(uid, imageId, entry.cropId)
  const [recipe, original] = await Promise.all([
    readRecipe(image, keys.recipe(uid, imageId, entry.cropId)),
    headObject(bucket, originalKey),
  ])
  // A deletion may have come between the entry and its objects.
  if (!recipe || !original) return refuse('not_found')
  const fresh: Addressed = { ...image, imageId: createImageId(uid, collection, bucket.clock.now()) }
  await putObject(bucket, keys.draftRecipe(uid, fresh.imageId), JSON.stringify(recipe), {
    contentType: 'application/json',
  })
  // The original last: a draft without it does not open.
  const copy = await copyObject(bucket, originalKey, keys.workingCopy(uid, fresh.imageId, original.etag))
  return copy === null ? refuse('not_found') : ok({ imageId: fresh.imageId, recipe })
})
