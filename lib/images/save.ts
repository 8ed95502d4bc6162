import 'server-only'
import { deleteObjects } from '@/lib/s3/objects'
import { type Addressed, addressImage } from './addressed'
import { agree, joinAgreement } from './agreement'
import { showSaved } from './delivery'
import { type Entry, hasEntry, readEntries, readEntry } from './entries'
import { ok, type Result, refuse } from './errors'
import { readHead } from './head'
import { isSavable, readManifest } from './manifest'
import type { Owner } from './owner'
import type { SavedImage, SaveRequest } from './schema'
import { asStep } from './step'
import { isDeleted } from './tombstone'
import { isSameSave, isUnsettled, type SaveName, type TrailItem, trailIdOfSave } from './trail'
import {
  eraseOriginals,
  type Promotion,
  removeMark,
  settleSave,
  withdrawEntry,
  writeDeletion,
  writeEntry,
  writeObjects,
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
  if (entry) return entry.cropId === request.cropId ? repeat(image, entry) : refuse('already_saved')

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

/** Writes the save, unless another one of the image stands, and looks for a deletion that has happened meanwhile. */
async function commit(promotion: Promotion): Promise<Result<SavedImage>> {
  const { image, manifest, keepsOriginal } = promotion
  const save = { imageId: image.imageId, cropId: manifest.cropId, keepsOriginal }
  if (await writeObjects(promotion)) {
    const agreed = await agree(image, save, () => writeEntry(promotion))
    if (!agreed) return refuse('busy', { retryAfterSeconds: 1 })
    if (!isSameSave(agreed, save)) await withdrawEntry(promotion)
    const [isGone, entries] = await Promise.all([isDeleted(image), readEntries(image)])
    if (isGone) return stepBack(image, save)
    const entry = entries.find((one) => isSameSave(one, agreed))
    return entry ? answer(image, save, entry) : refuse('busy', { retryAfterSeconds: 1 })
  }
  const standing = await readEntry(image)
  if (!standing) return refuse('draft_gone')
  return isSameSave(standing, save) ? repeat(image, standing) : answer(image, save, standing)
}

/** A save whose entry stands already: by a try that was killed, maybe, before all had agreed on it. */
async function repeat(image: Addressed, entry: Entry): Promise<Result<SavedImage>> {
  const { trail } = await readHead(image.bucket, image.uid, image.collection)
  if (!isUnsettled(trail, entry)) return finish(image, entry)
  await joinAgreement(image, entry)
  const agreed = await agree(image, entry, async () => {})
  const isStanding = agreed && isSameSave(agreed, entry) && (await hasEntry(image.bucket, image.uid, entry))
  if (isStanding) return finish(image, entry)
  return agreed && !isSameSave(agreed, entry) ? refuse('already_saved') : refuse('busy', { retryAfterSeconds: 1 })
}

/** A deletion came before the last look. */
async function stepBack(image: Addressed, save: SaveName): Promise<Result<SavedImage>> {
  await writeDeletion(image)
  await removeMark(image, save)
  return refuse('not_found')
}

/** What a try of a save answers, when that entry is the one that stands. */
async function answer(image: Addressed, save: SaveName, standing: Entry): Promise<Result<SavedImage>> {
  if (isSameSave(standing, save)) return finish(image, standing)
  if (standing.cropId === save.cropId) {
    const told = await finish(image, standing)
    await removeMark(image, save)
    return told
  }
  // It may be what took the draft's original away; what this try has copied goes the same way.
  if (!standing.keepsOriginal) await eraseOriginals(image)
  return refuse('already_saved')
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
