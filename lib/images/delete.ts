import 'server-only'
import { addressImage } from './addressed'
import { readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import type { Owner } from './owner'
import { asStep } from './step'
import { hasTombstone } from './tombstone'
import { readTrail } from './trail'
import { writeDeletion } from './writes'

/**
 * Deletes a saved picture: entry, trail's claim on it, original, recipe and variants. If it was the current one,
 * none is current afterwards. May be repeated: what a killed deletion left is finished.
 * Refusals: `not_found`.
 */
export const deleteImage = asStep(async (owner: Owner, imageId: string): Promise<Result<null>> => {
  const image = addressImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [entries, isGone, trail] = await Promise.all([
    readEntries(image),
    hasTombstone(image),
    readTrail(image.bucket, image.uid, image.collection),
  ])
  const isPending = trail.pending.some((mark) => mark.imageId === imageId)
  if (entries.length === 0 && !isPending) return isGone ? ok(null) : refuse('not_found')
  await writeDeletion(image)
  return ok(null)
})
