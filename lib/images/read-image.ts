import 'server-only'
import { addressImage } from './addressed'
import { showSaved } from './delivery'
import { readEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { readHead } from './head'
import type { Owner } from './owner'
import type { SavedImage } from './schema'
import { asStep } from './step'
import { isDeleted } from './tombstone'

/**
 * One saved picture.
 * Refusals: `not_found`.
 */
export const readImage = asStep(async (owner: Owner, imageId: string): Promise<Result<SavedImage>> => {
  const image = addressImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [isGone, entry, { head }] = await Promise.all([
    isDeleted(image),
    readEntry(image),
    readHead(image.bucket, image.uid, image.collection),
  ])
  if (isGone || !entry) return refuse('not_found')
  return ok(await showSaved(image, { ...entry, isCurrent: head?.image?.imageId === imageId }))
})
