import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject } from '@/lib/s3/objects'
import type { SavedImage, SaveRequest } from './schema'
import { eraseUpload, isSavable } from './storage/draft'
import { type Entry, putEntry, readEntriesOfUpload } from './storage/entries'
import { openPartOf } from './storage/ids'
import { type ImageRef, imageOfCrop, resolveUpload, type UploadRef } from './storage/image-ref'
import { firstRevision, flags, keys } from './storage/keys'
import { filesOf, type Manifest, readManifest } from './storage/manifest'
import type { Owner } from './storage/owner'
import { hasRoomForImage } from './storage/quota'
import { currentOf, isDeleted, placeOfSave, putTrailItem, readTrail, type Trail } from './storage/trail'
import { showSaved } from './storage/urls'

/** Images of one upload at most, deleted ones included: the tombstones of an upload stay few. */
const imagesPerUpload = 20

/**
 * Step 3: promotes a draft by copies inside the store and makes it the current image.
 *
 * First all reads; then all copies, side by side; then the entry, which commits; then the trail item. Killed before the
 * entry: not saved. Killed after it: saved, and the retry adds the trail item. The image's id follows from the upload,
 * the crop and the choice about the original, so every try writes the same keys, and needs no lock.
 * Errors: `not_found`, `deleted`, `draft_gone`, `no_original`, `quota`.
 */
export async function saveImage(owner: Owner, request: SaveRequest): Promise<Result<SavedImage>> {
  const upload = resolveUpload(owner, request.uploadId)
  if (!upload) return refuse('not_found')
  const image = imageOfCrop(upload, { cropId: request.cropId, keepsOriginal: request.keepOriginal ?? true })
  const [state, manifest, hasRoom] = await Promise.all([
    readState(upload),
    readManifest(upload, request.cropId),
    hasRoomForImage(owner),
  ])
  const known = await repeatSave(upload, image, request, state)
  if (known) return known
  if (!manifest || !isSavable(upload)) return refuseGone(upload, image, request, 'draft_gone')
  if (!hasRoom || imagesOf(upload, state) >= imagesPerUpload) return refuse('quota')

  const copied = await copyFiles(upload, image, manifest, request)
  if (copied !== 'all') return refuseGone(upload, image, request, copied)
  const entry = await putEntry(image, entryNameOf(image, manifest, request), { recipe: manifest.recipe })
  return finishSave(upload, image, request, entry, state, manifest)
}

/** What a save reads of its upload: the entries of all its images, and the trail. */
interface State {
  entries: Entry[]
  trail: Trail
}

async function readState(upload: UploadRef): Promise<State> {
  const [entries, trail] = await Promise.all([readEntriesOfUpload(upload), readTrail(upload)])
  return { entries, trail }
}

/** Answers a save whose image was deleted, or saved before; else null. */
async function repeatSave(
  upload: UploadRef,
  image: ImageRef,
  request: SaveRequest,
  state: State,
): Promise<Result<SavedImage> | null> {
  if (isDeleted(state.trail, image.imageId)) return refuse('deleted')
  const entry = state.entries.find(({ imageId }) => imageId === image.imageId)
  return entry ? finishSave(upload, image, request, entry, state, null) : null
}

/** A draft is gone. But another try may have saved it since the first reads: it took the original along, or was first. */
async function refuseGone(
  upload: UploadRef,
  image: ImageRef,
  request: SaveRequest,
  code: 'draft_gone' | 'no_original',
): Promise<Result<SavedImage>> {
  return (await repeatSave(upload, image, request, await readState(upload))) ?? refuse(code)
}

/** Counts the images of an upload, deleted ones included. */
function imagesOf({ uploadId }: UploadRef, { entries, trail }: State): number {
  const imageIds = [...entries.map(({ imageId }) => imageId), ...trail.tombstones.keys()]
  return new Set(imageIds.filter((imageId) => openPartOf(imageId) === openPartOf(uploadId))).size
}

/** Copies variants and original, side by side. @returns what is missing, if anything is */
async function copyFiles(
  upload: UploadRef,
  { imageId }: ImageRef,
  manifest: Manifest,
  { keepOriginal = true }: SaveRequest,
): Promise<'all' | 'draft_gone' | 'no_original'> {
  const { uid, uploadId, bucket } = upload
  const { cropId, source } = manifest
  const copyOriginal = () =>
    copyObject(bucket, keys.workingCopy(uid, uploadId, source.etag), keys.original(uid, imageId))
  const [original, ...variants] = await Promise.all([
    keepOriginal ? copyOriginal() : 'not kept',
    ...filesOf(manifest).map((file) =>
      copyObject(bucket, keys.draftVariant(uid, uploadId, cropId, file), keys.variant(uid, imageId, file)),
    ),
  ])
  if (variants.includes(null)) return 'draft_gone'
  return original === null ? 'no_original' : 'all'
}

/**
 * What is left to do once the entry exists: the trail item, if the image belongs into the trail and is not there yet, and
 * erasing an original that is not kept.
 * @param state read before; it decides about the trail
 * @param manifest of a save that has just committed; null for a repeat
 */
async function finishSave(
  upload: UploadRef,
  image: ImageRef,
  request: SaveRequest,
  entry: Entry,
  { trail }: State,
  manifest: Manifest | null,
): Promise<Result<SavedImage>> {
  const { imageId } = image
  const place = placeOfSave(trail, imageId, request.seen)
  await Promise.all([
    place && putTrailItem(image, place, { imageId, isAnimated: entry.isAnimated }),
    manifest && !entry.keepsOriginal && eraseUpload(upload, manifest.source.etag),
  ])
  return ok(await showSaved(image, entry, place !== null || currentOf(trail)?.imageId === imageId))
}

function entryNameOf({ imageId }: ImageRef, manifest: Manifest, { keepOriginal = true }: SaveRequest) {
  return {
    imageId,
    revision: firstRevision,
    cropId: manifest.cropId,
    format: manifest.source.format,
    flags: (keepOriginal ? '' : flags.originalNotKept) + (manifest.isAnimated ? flags.animated : ''),
    alt: '',
  }
}
