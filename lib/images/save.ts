import 'server-only'
import { deleteObjects } from '@/lib/s3/objects'
import { type Addressed, addressImage } from './addressed'
import { agree } from './agreement'
import { showSaved } from './delivery'
import { type Entry, hasEntry, isShown, readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import { headOf } from './head'
import { isSavable, readManifest } from './manifest'
import type { Owner } from './owner'
import type { SavedImage, SaveRequest } from './schema'
import { findStanding, undecided, withdraw } from './standing'
import { asStep } from './step'
import { hasTombstone } from './tombstone'
import {
  findHead,
  isMarkedDeleted,
  isSameSave,
  isUnsettled,
  readTrail,
  type SaveName,
  type Trail,
  type TrailImage,
  type TrailItem,
  trailIdOfSave,
} from './trail'
import {
  eraseOriginals,
  type Promotion,
  removeMark,
  settleSave,
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
  const [entries, trail, crop] = await Promise.all([
    readEntries(image),
    trailOf(image),
    readManifest(image, request.cropId),
  ])
  if (isMarkedDeleted(trail, image.imageId)) return refuse('not_found')
  if (entries.length > 0) return repeat(image, entries, request.cropId)
  if (!crop || !isSavable(crop.writtenAt, image.bucket.clock.now())) {
    return refuse((await hasTombstone(image)) ? 'not_found' : 'draft_gone')
  }

  // The tombstone itself is looked for where the save commits.
  const { manifest, writtenAt } = crop
  const trailId = await placeInTrail(image, request, writtenAt, trail)
  return commit({ image, manifest, keepsOriginal: request.keepOriginal ?? true, trailId })
})

/** A save of an image of which entries stand. */
async function repeat(image: Addressed, entries: Entry[], cropId: string): Promise<Result<SavedImage>> {
  // Not the trail that was read beside the entries: see `findStanding`.
  const [isEntombed, trail] = await Promise.all([hasTombstone(image), trailOf(image)])
  if (isEntombed || isMarkedDeleted(trail, image.imageId)) return refuse('not_found')
  const standing = await findStanding(image, entries, trail, cropId)
  if (!standing) return undecided
  return standing.entry.cropId === cropId ? finish(image, standing.entry, standing.trail) : refuse('already_saved')
}

/**
 * Where in the trail this save belongs, or null: it shall not become current, for the head that its page showed has
 * moved on (contract, rule 4). What an earlier, killed try of it left elsewhere in the trail is taken back.
 */
async function placeInTrail(
  { uid, imageId, bucket }: Addressed,
  { cropId, seen: shown }: SaveRequest,
  croppedAt: Date,
  trail: Trail,
): Promise<string | null> {
  const head = await headOf(bucket, uid, trail)
  const isOwn = (item: TrailItem) => item.image?.imageId === imageId && item.image.cropId === cropId
  // Another try of this save got there first, since we looked for the entry.
  if (head && isOwn(head)) return head.id

  const headId = head?.id ?? null
  const seen = shown === undefined ? headId : shown
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

/** Writes the save, unless another one of the image stands, or it was deleted meanwhile. */
async function commit(promotion: Promotion): Promise<Result<SavedImage>> {
  const { image, manifest, keepsOriginal } = promotion
  const save = { imageId: image.imageId, cropId: manifest.cropId, keepsOriginal }
  if (await writeObjects(promotion)) {
    const agreed = await agree(image, save, () => writeEntry(promotion))
    if (!agreed) return undecided
    if (agreed === 'deleted') return stepBack(image, save)
    const [entries, trail] = await Promise.all([readEntries(image), trailOf(image)])
    if (isMarkedDeleted(trail, image.imageId)) return stepBack(image, save)
    const entry = entries.find((one) => isSameSave(one, agreed))
    if (!entry) return undecided
    await withdraw(
      image,
      entries.filter((one) => !isSameSave(one, agreed)),
    )
    return answer(image, save, entry, trail)
  }
  const entries = await readEntries(image)
  if (entries.length === 0) return refuse('draft_gone')
  const standing = await findStanding(image, entries, await trailOf(image), manifest.cropId)
  return standing ? answer(image, save, standing.entry, standing.trail) : undecided
}

/** A deletion came before the last look. */
async function stepBack(image: Addressed, save: SaveName): Promise<Result<SavedImage>> {
  await writeDeletion(image)
  await removeMark(image, save)
  return refuse('not_found')
}

/** What a try of a save answers, when that entry is the one that stands. */
async function answer(image: Addressed, save: SaveName, standing: Entry, trail: Trail): Promise<Result<SavedImage>> {
  if (isSameSave(standing, save)) return finish(image, standing, trail)
  if (standing.cropId === save.cropId) {
    const told = await finish(image, standing, trail)
    // Tries that are to keep the original have one mark together, and one that is slow may copy it yet: left to the sweep.
    if (standing.keepsOriginal) await removeMark(image, save)
    return told
  }
  // It may be what took the draft's original away; what this try has copied goes the same way.
  if (!standing.keepsOriginal) await eraseOriginals(image)
  return refuse('already_saved')
}

/**
 * Ends a save whose entry stands, if that is still to do, and tells the picture.
 * @param trail read when the entry stood already
 */
async function finish(image: Addressed, entry: Entry, trail: Trail): Promise<Result<SavedImage>> {
  const { uid, imageId, bucket } = image
  const isOwn = (item: TrailImage) => item.imageId === imageId && item.cropId === entry.cropId
  const head = await findHead(trail, (item) => isOwn(item) || isShown(bucket, uid, trail, item))
  if (isUnsettled(trail, entry)) await settleSave(image, entry)
  // A try that was to keep the original may have copied it since. Its mark is its own to remove, or the sweep's.
  else if (!entry.keepsOriginal && trail.pending.some(({ save }) => save?.imageId === imageId)) {
    await eraseOriginals(image)
  }
  return ok(await showSaved(image, { ...entry, isCurrent: head?.image?.imageId === imageId }))
}

const trailOf = ({ bucket, uid, collection }: Addressed) => readTrail(bucket, uid, collection)
