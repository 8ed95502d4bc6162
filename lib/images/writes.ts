import 'server-only'
import { copyObject, deleteObjects, listAllObjects, putObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { joinAgreement } from './agreement'
import { readEntries } from './entries'
import { readHead } from './head'
import { entryKey, flags, isOriginal, keys } from './keys'
import { filesOf, type Manifest } from './manifest'
import { type SaveName, trailIdOfClearing } from './trail'

/**
 * The order in which a save and a deletion write, and nothing else: whoever is killed between two writes leaves
 * what the next try, or the sweep after 48 hours, can finish (contract, rules 3, 5 and 6).
 */

/** A save that is ready to be written. */
export interface Promotion {
  image: Addressed
  manifest: Manifest
  keepsOriginal: boolean
  /** Where in the trail, or null when it shall not become current. */
  trailId: string | null
}

/**
 * Saves, but for what commits: mark, variants and original, if it is kept, and recipe; meanwhile it joins those who agree
 * which save of the image stands. The caller removes the mark by `settleSave` when its entry is the one.
 * @returns false when the draft is gone meanwhile
 */
export async function writeObjects({ image, manifest, keepsOriginal }: Promotion): Promise<boolean> {
  const { uid, imageId, bucket, collection } = image
  const { cropId } = manifest
  const save = { imageId, cropId, keepsOriginal }
  await putObject(bucket, keys.savePending(uid, collection, save), '', nothing)
  const workingCopy = keys.workingCopy(uid, imageId, manifest.source.etag)
  const [copies] = await Promise.all([
    Promise.all([
      ...(keepsOriginal ? [copyObject(bucket, workingCopy, keys.original(uid, imageId, cropId))] : []),
      ...filesOf(manifest).map((name) =>
        copyObject(bucket, keys.draftVariant(uid, imageId, cropId, name), keys.variant(uid, imageId, cropId, name)),
      ),
    ]),
    joinAgreement(image, save),
  ])
  if (copies.includes(null)) return false
  await putObject(bucket, keys.recipe(uid, imageId, cropId), JSON.stringify(manifest.recipe), json)
  return true
}

/** Commits: trail, then the entry. */
export async function writeEntry(promotion: Promotion): Promise<void> {
  const { image, manifest, trailId } = promotion
  const { uid, imageId, bucket, collection } = image
  const { cropId, isAnimated } = manifest
  if (trailId)
    await putObject(bucket, keys.trailItem(uid, collection, trailId, { imageId, cropId, isAnimated }), '', nothing)
  await putObject(bucket, firstEntryKey(promotion), '', nothing)
}

/**
 * Ends a save that committed: from here on its trail item counts without looking. An original that is not kept is
 * erased before, under the mark, so that whoever is killed here is followed up.
 */
export async function settleSave(image: Addressed, save: SaveName): Promise<void> {
  if (!save.keepsOriginal) await eraseOriginals(image)
  await removeMark(image, save)
}

/** Takes back the mark of a save, or of a choice, which is marked alike. */
export async function removeMark(image: Addressed, save: SaveName): Promise<void> {
  await deleteObjects(image.bucket, [keys.savePending(image.uid, image.collection, save)])
}

/**
 * Deletes: tombstone, mark, clear current if it was that, entries, objects. May be done again from any point.
 * The mark stays, for a try of a save that is under way still may write after this (docs/decisions/007); a save's own
 * mark is left to that save, or to the sweep.
 */
export async function writeDeletion(image: Addressed): Promise<void> {
  const { uid, imageId, bucket, collection } = image
  await putObject(bucket, keys.tombstone(uid, imageId), '', nothing)
  await putObject(bucket, keys.deletePending(uid, collection, imageId), '', nothing)
  await erasePicture(image)
}

/** Ends a deletion once nothing can be saved under the image's id any more: what came late is erased, then the mark. */
export async function settleDeletion(image: Addressed): Promise<void> {
  await erasePicture(image)
  await deleteObjects(image.bucket, [keys.deletePending(image.uid, image.collection, image.imageId)])
}

async function erasePicture(image: Addressed): Promise<void> {
  const { uid, imageId, bucket, collection } = image
  // Looked up after the tombstone stands: whoever makes the picture current from now on sees that and steps back.
  const { head } = await readHead(bucket, uid, collection)
  if (head?.image?.imageId === imageId) {
    await putObject(bucket, keys.trailItem(uid, collection, trailIdOfClearing(head.id), null), '', nothing)
  }
  await deleteObjects(bucket, keysOf(await readEntries(image)))
  await eraseObjects(image)
}

/** Erases what is kept of one crop of an image, or of the whole image. */
export async function eraseObjects(image: Addressed, cropId?: string): Promise<void> {
  const { uid, imageId, bucket } = image
  const below = cropId ? `${cropId}/` : ''
  const [saved, media] = await Promise.all([
    listAllObjects(bucket, keys.saved(uid, imageId) + below),
    listAllObjects(bucket, keys.media(uid, imageId) + below),
  ])
  await deleteObjects(bucket, keysOf([...saved, ...media]))
}

/**
 * Erases what there is of an image's original: the upload, the copy that was worked on, and what tries that were to keep
 * it have copied. An upload that is sent again with the same policy expires.
 */
export async function eraseOriginals(image: Addressed): Promise<void> {
  const { uid, imageId, bucket } = image
  const [copies, saved] = await Promise.all([
    listAllObjects(bucket, keys.workingCopies(uid, imageId)),
    listAllObjects(bucket, keys.saved(uid, imageId)),
  ])
  const kept = keysOf(saved).filter(isOriginal)
  await deleteObjects(bucket, [keys.upload(uid, imageId), ...keysOf(copies), ...kept])
}

function firstEntryKey({ image, manifest, keepsOriginal }: Promotion): string {
  const { cropId, source } = manifest
  return entryKey(image.uid, {
    imageId: image.imageId,
    cropId,
    format: source.format,
    flags: (keepsOriginal ? '' : flags.originalNotKept) + (manifest.isAnimated ? flags.animated : ''),
    savedAt: null,
    alt: '',
  })
}

const keysOf = (objects: { key: string }[]) => objects.map(({ key }) => key)

const json = { contentType: 'application/json' }

/** An object that says all by its name. */
const nothing = { contentType: 'application/octet-stream' }
