import 'server-only'
import { deleteObjects, putObject } from '@/lib/s3/objects'
import { addressImage } from './addressed'
import { readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import { entryKey } from './keys'
import type { Owner } from './owner'
import { settleStanding, undecided } from './standing'
import { asStep } from './step'
import { hasTombstone, isDeleted } from './tombstone'
import { isMarkedDeleted, isSameSave, readTrail } from './trail'

/**
 * Describes a saved picture for those who cannot see it. The entry gets another name: the new one is written
 * before the old ones go, so the picture is never without.
 * Refusals: `not_found`, `busy`.
 */
export const describeImage = asStep(async (owner: Owner, imageId: string, alt: string): Promise<Result<null>> => {
  const image = addressImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [isEntombed, entries] = await Promise.all([hasTombstone(image), readEntries(image)])
  const trail = await readTrail(image.bucket, image.uid, image.collection)
  if (isEntombed || isMarkedDeleted(trail, imageId) || entries.length === 0) return refuse('not_found')
  const entry = await settleStanding(image, entries, trail)
  if (!entry) return undecided

  const now = image.bucket.clock.now()
  const key = entry.alt === alt ? entry.key : entryKey(owner.uid, { ...entry, alt }, now)
  if (key !== entry.key) await putObject(image.bucket, key, '', { contentType: 'application/octet-stream' })
  const older = entries.filter((other) => isSameSave(other, entry) && other.key !== key)
  await deleteObjects(
    image.bucket,
    older.map((other) => other.key),
  )
  // A deletion that began meanwhile has not seen the new name.
  if (await isDeleted(image)) {
    await deleteObjects(image.bucket, [key])
    return refuse('not_found')
  }
  return ok(null)
})
