import 'server-only'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject } from '@/lib/s3/objects'
import type { SavedImage, SaveRequest } from './schema'
import { eraseUpload, isSavable } from './storage/draft'
import { type Entry, putEntry, readEntriesOfUpload } from './storage/entries'
import { uploadPartOf } from './storage/ids'
import { type ImageRef, imageOfCrop, type Owner, resolveUpload, type UploadRef } from './storage/image-ref'
import { type EntryName, firstRevision, flags, keys } from './storage/keys'
import { filesOf, type Manifest, readManifest } from './storage/manifest'
import { hasRoomForImage, withPlace } from './storage/quota'
import { isCurrent, isDeleted, putTrailItem, readTrail, type Trail, trailIdForSave } from './storage/trail'
import { showSaved } from './storage/urls'
import { reachStage } from './upload-stages'

/** The limit of images per upload, deleted ones included. It also limits the tombstones of an upload. */
const maxImagesPerUpload = 20
/** How many tombstones, beyond USER_QUOTA, a collection may have. Every step lists all of them. */
const spareTombstones = 1000

/**
 * Step 3: saves a crop by copying its files inside the store, and makes it the current image.
 *
 * The order is: all reads; all copies, in parallel; the entry, which commits; the trail item. If the host dies before
 * the entry, the image is not saved. If it dies after the entry, the image is saved and a retry adds the trail item.
 * The image's id is derived from the upload, the crop and the keep-original choice, so every retry writes the same keys
 * and needs no lock.
 * Errors: `not_found`, `deleted`, `draft_gone`, `no_original`, `quota`.
 */
export async function saveImage(owner: Owner, request: SaveRequest): Promise<Result<SavedImage>> {
  const upload = resolveUpload(owner, request.uploadId)
  if (!upload) return refuse('not_found')
  const image = imageOfCrop(upload, request.cropId, request.keepOriginal ?? true)
  return withPlace('image', owner, image.imageId, (earlier) => saveCrop(upload, image, request, earlier))
}

/** @param earlier images that this host is still saving */
async function saveCrop(
  upload: UploadRef,
  image: ImageRef,
  request: SaveRequest,
  earlier: string[],
): Promise<Result<SavedImage>> {
  const otherImages = earlier.filter((imageId) => imageId !== image.imageId)
  const [state, manifest, hasRoom] = await Promise.all([
    readState(upload),
    readManifest(upload, request.cropId),
    hasRoomForImage(upload, otherImages),
  ])
  const repeated = await repeatSave(upload, image, request, state)
  if (repeated) return repeated
  if (!manifest || !isSavable(upload)) return refuseUnlessSaved(upload, image, request, 'draft_gone')
  if (!hasRoom || countImages(upload, state, otherImages) >= maxImagesPerUpload) return refuse('quota')
  if (state.trail.tombstones.size >= env().userQuota + spareTombstones) return refuse('quota')

  const copied = await copyFiles(upload, image, manifest, request)
  if (copied !== 'all') return refuseUnlessSaved(upload, image, request, copied)
  const entry = await putEntry(image, entryNameOf(image, manifest, request), { recipe: manifest.recipe })
  return finishSave(upload, image, request, entry, state, manifest)
}

/** The reads of a save: the entries of all images of the upload, and the trail. */
interface State {
  entries: Entry[]
  trail: Trail
}

async function readState(upload: UploadRef): Promise<State> {
  const [entries, trail] = await Promise.all([readEntriesOfUpload(upload), readTrail(upload)])
  return { entries, trail }
}

/** Completes the save of an image that is already saved, or refuses a deleted image. Null if it is neither. */
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

/** Refuses a save whose files are gone, unless a concurrent save of the same image succeeded since the first reads. */
async function refuseUnlessSaved(
  upload: UploadRef,
  image: ImageRef,
  request: SaveRequest,
  code: 'draft_gone' | 'no_original',
): Promise<Result<SavedImage>> {
  return (await repeatSave(upload, image, request, await readState(upload))) ?? refuse(code)
}

/** Counts the images of an upload, deleted ones included. */
function countImages({ uploadId }: UploadRef, { entries, trail }: State, otherImages: string[]): number {
  const imageIds = [...entries.map(({ imageId }) => imageId), ...trail.tombstones.keys(), ...otherImages]
  return new Set(imageIds.filter((imageId) => uploadPartOf(imageId) === uploadPartOf(uploadId))).size
}

/** Copies variants and original in parallel. @returns 'all', or the error code for what is missing */
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

function entryNameOf({ imageId }: ImageRef, manifest: Manifest, { keepOriginal = true }: SaveRequest): EntryName {
  return {
    imageId,
    revision: firstRevision,
    cropId: manifest.cropId,
    format: manifest.source.format,
    flags: (keepOriginal ? '' : flags.originalNotKept) + (manifest.isAnimated ? flags.animated : ''),
    alt: '',
  }
}

/**
 * Finishes a save whose entry exists: adds the trail item unless the trail has one or the head has moved on, and erases
 * an original that is not kept.
 * @param state as read before the entry was written
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
  if (manifest) reachStage('saved', upload.collection)
  const { imageId } = image
  const trailId = trailIdForSave(trail, imageId, request.seen)
  await Promise.all([
    trailId && putTrailItem(image, trailId, { imageId, isAnimated: entry.isAnimated }),
    manifest && !entry.keepsOriginal && eraseUpload(upload, manifest.source.etag),
  ])
  return ok(await showSaved(image, entry, trailId !== null || isCurrent(trail, imageId)))
}
