import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { deleteObjects } from '@/lib/s3/objects'
import { type Addressed, addressImage } from './addressed'
import { showSaved } from './delivery'
import { type Entry, hasEntry, readEntries, readEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { readHead } from './head'
import { isSavable, readManifest } from './manifest'
import type { Owner } from './owner'
import type { SavedImage, SaveRequest } from './schema'
import { asStep } from './step'
import { isDeleted } from './tombstone'
import { isSameSave, isUnsettled, type TrailItem, trailIdOfSave } from './trail'
import {
  eraseOriginals,
  type Promotion,
  removeMark,
  settleSave,
  withdrawEntry,
  writeDeletion,
  writeSave,
} from './writes'

/**
 * Step 3: promotes a draft by copies inside the store and makes it the current picture.
 * May be repeated, late, twice, anywhere: the same save has the same outcome. Where tries of one crop say different
 * things of the original, the first that committed stands, and the answer tells what it did.
 * Refusals: `not_found` (deleted, too), `draft_gone`, `already_saved`, `busy`.
 */
export const saveImage = asStep(async (owner: Owner, request: SaveRequest): Promise<Result<SavedImage>> => {
  const image = addressImage(owner, request.imageId)
  if (!image) return refuse('not_found')
  const [isGone, entry] = await Promise.all([isDeleted(image), readEntry(image)])
  if (isGone) return refuse('not_found')
  if (entry) return entry.cropId === request.cropId ? finish(image, entry) : refuse('already_saved')

  const crop = await readManifest(image, request.cropId)
  if (!crop || !isSavable(crop.writtenAt, image.bucket.clock.now())) return refuse('draft_gone')
  const { manifest, writtenAt } = crop
  const trailId = await placeInTrail(image, request, writtenAt)
  return commit({ image, manifest, keepsOriginal: request.keepOriginal ?? true, trailId })
})

/**
 * Where in the trail this save belongs, or null: it shall not become current, for the head that its page showed has
 * moved on (contract, rule 4). What an earlier, killed try of it left elsewhere in the trail is taken back.
 */
async function placeInTrail(image: Addressed, request: SaveRequest, croppedAt: Date): Promise<string | null> {
  const { uid, imageId, bucket, collection } = image
  const { cropId } = request
  const { trail, head } = await readHead(bucket, uid, collection)
  const isOwn = (item: TrailItem) => item.image?.imageId === imageId && item.image.cropId === cropId
  // Another try of this save got there first, since we looked for the entry.
  if (head && isOwn(head)) return head.id

  const headId = head?.id ?? null
  const seen = request.seen === undefined ? headId : request.seen
  const trailId = headId === seen ? trailIdOfSave(seen, croppedAt, imageId, cropId) : null
  const stale = trail.items.filter((item) => isOwn(item) && item.isUnsettled && item.id !== trailId)
  // Unless the save was acknowledged meanwhile: then it is history, and stays.
  if (stale.length > 0 && !(await hasEntry(bucket, uid, { imageId, cropId }))) {
    await deleteObjects(
      bucket,
      stale.map(({ key }) => key),
    )
  }
  return trailId
}

/**
 * Writes the save, then looks for what may have happened meanwhile: a deletion, or another save of the image. Two
 * different ones that are made at the same moment both step back, and try again after a random while.
 */
async function commit(promotion: Promotion): Promise<Result<SavedImage>> {
  const { image, manifest, keepsOriginal } = promotion
  const save = { imageId: image.imageId, cropId: manifest.cropId, keepsOriginal }
  for (let attempt = 0; attempt < 4; attempt += 1) {
    if (await writeSave(promotion)) {
      const [isGone, entries] = await Promise.all([isDeleted(image), readEntries(image)])
      if (isGone) {
        await writeDeletion(image)
        await removeMark(image, save)
        return refuse('not_found')
      }
      const [entry] = entries
      if (entry && entries.every((one) => isSameSave(one, save))) return finish(image, entry)
      await withdrawEntry(promotion)
    } else if ((await readEntries(image)).length === 0) {
      return refuse('draft_gone')
    }

    // Another one stands. It may be what took the draft's original away; what this try has copied goes the same way.
    const standing = await readEntry(image)
    if (standing?.cropId === save.cropId) {
      const answer = await finish(image, standing)
      await removeMark(image, save)
      return answer
    }
    if (standing && !standing.keepsOriginal) await eraseOriginals(image)
    if (standing) return refuse('already_saved')
    await sleep(Math.random() * 200 * 2 ** attempt)
  }
  return refuse('busy', { retryAfterSeconds: 1 })
}

/** Ends a save whose entry stands, if that is still to do, and tells the picture. */
async function finish(image: Addressed, entry: Entry): Promise<Result<SavedImage>> {
  const { trail, head } = await readHead(image.bucket, image.uid, image.collection)
  if (isUnsettled(trail, entry)) await settleSave(image, entry)
  // A try that was to keep the original may have copied it since. Its mark is its own to remove, or the sweep's.
  else if (!entry.keepsOriginal && trail.pending.some(({ save }) => save?.imageId === image.imageId)) {
    await eraseOriginals(image)
  }
  return ok(await showSaved(image, { ...entry, isCurrent: head?.image?.imageId === image.imageId }))
}
