import 'server-only'
import { deleteObjects } from '@/lib/s3/objects'
import { addressImage } from './addressed'
import { bucketOf } from './buckets'
import type { Collection } from './collections'
import { pickEntry, readEntries } from './entries'
import { readManifest } from './manifest'
import type { Owner } from './owner'
import { asStep } from './step'
import { isSameSave, type Pending, type Trail } from './trail'
import { eraseObjects, eraseOriginals, settleDeletion, settleSave } from './writes'

/** How old a mark must be: no step is still running then, and no draft is left that it could be finished from. */
const leftoverMs = 48 * 60 * 60 * 1000

/**
 * Finishes or clears what killed saves and deletions left behind (contract, rule 6). To be called when a person
 * opens their gallery, after the answer, with the trail that was read for it; usually there is nothing to do.
 */
export const sweepLeftovers = asStep(async (owner: Owner, collection: Collection, trail: Trail): Promise<void> => {
  const now = bucketOf(collection).clock.now()
  for (const mark of trail.pending) {
    if (now - mark.begunAt.getTime() > leftoverMs) await sweep(owner, trail, mark)
  }
})

async function sweep(owner: Owner, trail: Trail, mark: Pending): Promise<void> {
  const image = addressImage(owner, mark.imageId)
  if (!image) throw new Error(`a mark of a foreign image: ${mark.key}`)
  const { save } = mark
  if (save === null) return settleDeletion(image)

  const entries = await readEntries(image)
  const standing = pickEntry(entries, trail)
  if (standing && isSameSave(standing, save)) return settleSave(image, save)

  const own = entries.filter((entry) => isSameSave(entry, save))
  const ownKeys = own.map(({ key }) => key)
  if (standing?.cropId === save.cropId) {
    // The same crop was saved with the other choice: variants and trail item are that one's.
    await deleteObjects(image.bucket, ownKeys)
    if (!standing.keepsOriginal) await eraseOriginals(image)
    return deleteObjects(image.bucket, [mark.key])
  }
  // Its draft was made again: someone may be about to save it after all.
  if (own.length === 0 && (await readManifest(image, save.cropId))) return

  await deleteObjects(image.bucket, ownKeys)
  await eraseObjects(image, save.cropId)
  const items = trail.items.filter((item) => item.image?.imageId === save.imageId && item.image.cropId === save.cropId)
  await deleteObjects(image.bucket, [
    ...items.map(({ key }) => key),
    // Last, so that a killed sweep is begun again.
    mark.key,
  ])
}
