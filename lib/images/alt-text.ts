import 'server-only'
import { deleteObjects, putObject } from '@/lib/s3/objects'
import { addressImage } from './addressed'
import { readEntries, readEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { entryKey } from './keys'
import type { Owner } from './owner'
import { asStep } from './step'
import { isDeleted } from './tombstone'

/**
 * Describes a saved picture for those who cannot see it. The entry gets another name: the new one is written
 * before the old ones go, so the picture is never without.
 * Refusals: `not_found`.
 */
export const describeImage = asStep(async (owner: Owner, imageId: string, alt: string): Promise<Result<null>> => {
  const image = addressImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [isGone, entries] = await Promise.all([isDeleted(image), readEntries(image)])
  const entry = entries.length > 0 && (await readEntry(image))
  if (isGone || !entry) return refuse('not_found')

  const { cropId } = entry
  const now = image.bucket.clock.now()
  const key = entry.alt === alt ? entry.key : entryKey(owner.uid, { ...entry, alt }, now)
  if (key !== entry.key) await putObject(image.bucket, key, '', { contentType: 'application/octet-stream' })
  const older = entries.filter((other) => other.cropId === cropId && other.key !== key)
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
