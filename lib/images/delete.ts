import 'server-only'
import pMap from 'p-map'
import { log } from '@/lib/log'
import { ok, type Result, refuse } from '@/lib/result'
import { deleteObjects, listObjects, ObjectsNotDeleted } from '@/lib/s3/objects'
import type { DeleteAnswer } from './schema'
import { type Entry, readEntries, toEntries } from './storage/entries'
import { type DeletedImage, mediaKeys } from './storage/erase'
import { type ImageRef, type Owner, resolveImage } from './storage/image-ref'
import { keys } from './storage/keys'
import { isDeleted, putTombstone, readTrail } from './storage/trail'

/**
 * Deletes a saved image: writes the tombstone, which hides it from every reader, and erases its variants. Idempotent.
 * Errors: `not_found`.
 * @returns what `finishDeletions` must erase after the response
 */
export async function deleteImage(owner: Owner, imageId: string): Promise<Result<DeletedImage[]>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [entries, trail] = await Promise.all([readEntries(image), readTrail(image)])
  if (entries.length === 0) return isDeleted(trail, imageId) ? ok([]) : refuse('not_found')
  const deleted = { image, entries }
  if (!isDeleted(trail, imageId)) await putTombstone(image)
  await deleteObjects(image.bucket, mediaKeys(deleted))
  return ok([deleted])
}

/** The result of a bulk deletion. */
export interface Deletions extends DeleteAnswer {
  /** What `finishDeletions` must erase after the response. */
  toErase: DeletedImage[]
}

/** How many tombstones are written at the same time. */
const maxParallelTombstones = 8

/**
 * Deletes many images in parallel and reports each one: `deleted` if the store acknowledged the deletion, else
 * `failed`. A failed image may be gone. Idempotent.
 * Errors per image: `not_found`, `internal`.
 */
export async function deleteImages(owner: Owner, imageIds: string[]): Promise<Deletions> {
  const uniqueIds = [...new Set(imageIds)]
  const images = uniqueIds.flatMap((imageId) => resolveImage(owner, imageId) ?? [])
  const byCollection = Map.groupBy(images, ({ collection }) => collection)
  const outcomes = (await Promise.all([...byCollection.values()].map(deleteInCollection))).flat()
  const byId = new Map(outcomes.map((outcome) => [outcome.imageId, outcome]))
  const deletions: Deletions = { deleted: [], failed: [], toErase: [] }
  for (const imageId of uniqueIds) {
    const { failure, toErase } = byId.get(imageId) ?? { failure: 'not_found' }
    if (failure) deletions.failed.push({ imageId, code: failure })
    else deletions.deleted.push(imageId)
    if (toErase) deletions.toErase.push(toErase)
  }
  return deletions
}

/** The result for one image of a bulk deletion. */
interface Outcome {
  imageId: string
  failure?: 'not_found' | 'internal'
  toErase?: DeletedImage
}

/** Deletes images of one collection. Lists its entries and its trail once. */
async function deleteInCollection(images: ImageRef[]): Promise<Outcome[]> {
  const [first] = images as [ImageRef]
  const [entries, trail] = await Promise.all([readEntriesOf(images), readTrail(first)])
  const saved = images
    .map((image) => ({ image, entries: entries.filter(({ imageId }) => imageId === image.imageId) }))
    .filter((image) => image.entries.length > 0)

  const failures = new Map<string, unknown>()
  await pMap(
    saved.filter(({ image }) => !isDeleted(trail, image.imageId)),
    ({ image }) => putTombstone(image).catch((error) => failures.set(image.imageId, error)),
    { concurrency: maxParallelTombstones },
  )
  const deleted = saved.filter(({ image }) => !failures.has(image.imageId))
  try {
    await deleteObjects(first.bucket, deleted.flatMap(mediaKeys))
  } catch (error) {
    // The error may list the keys that the store refused. Without that list, any variant may still exist.
    const refused = error instanceof ObjectsNotDeleted ? new Set(error.keys) : null
    for (const image of deleted) {
      if (!refused || mediaKeys(image).some((key) => refused.has(key))) failures.set(image.image.imageId, error)
    }
  }
  const [err] = failures.values()
  if (err)
    log().error(
      { err, failed: failures.size, of: images.length },
      'bulk delete failed for some images; it can be repeated',
    )
  return images.map(({ imageId }) => {
    if (failures.has(imageId)) return { imageId, failure: 'internal' }
    const toErase = deleted.find(({ image }) => image.imageId === imageId)
    if (toErase) return { imageId, toErase }
    return isDeleted(trail, imageId) ? { imageId } : { imageId, failure: 'not_found' }
  })
}

/** Lists the entries of images of one collection, with all entries that sort between them, in full pages. */
async function readEntriesOf(images: ImageRef[]): Promise<Entry[]> {
  const [first] = images as [ImageRef]
  if (images.length === 1) return readEntries(first)
  const { uid, bucket, collection } = first
  const imageIds = images.map(({ imageId }) => imageId).sort()
  const end = keys.afterEntriesOfImage(uid, imageIds.at(-1) as string)
  const entries: Entry[] = []
  let startAfter: string | undefined = keys.entriesOfImage(uid, imageIds[0] as string)
  while (startAfter && startAfter < end) {
    const page = await listObjects(bucket, keys.entriesOfCollection(uid, collection), 1000, { startAfter })
    entries.push(...toEntries(page.objects))
    startAfter = page.nextToken ? page.objects.at(-1)?.key : undefined
  }
  return entries
}
