import 'server-only'
import pMap from 'p-map'
import { log } from '@/lib/log'
import { ok, type Result, refuse } from '@/lib/result'
import { deleteObjects, listObjects, ObjectsNotDeleted } from '@/lib/s3/objects'
import type { DeleteAnswer } from './schema'
import { type Entry, readEntries, toEntries } from './storage/entries'
import { type DeletedImage, mediaKeys } from './storage/erase'
import { type ImageRef, resolveImage } from './storage/image-ref'
import { keys } from './storage/keys'
import type { Owner } from './storage/owner'
import { isDeleted, putTombstone, readTrail } from './storage/trail'

/**
 * Deletes a saved image: writes the tombstone, by which no reader shows it any more, and erases its variants. May be
 * repeated.
 * Errors: `not_found`.
 * @returns what `eraseRest` is to erase after the answer
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

/** What became of many deletions. */
export interface Deletions extends DeleteAnswer {
  /** What `eraseRest` is to erase after the answer. */
  rest: DeletedImage[]
}

/** How many tombstones are written at once. */
const atOnce = 8

/**
 * Deletes many images side by side. Each is reported: `deleted` if the store has acknowledged it, else `failed`: it may
 * be gone, and may be asked for again.
 */
export async function deleteImages(owner: Owner, imageIds: string[]): Promise<Deletions> {
  const images = [...new Set(imageIds)].flatMap((imageId) => resolveImage(owner, imageId) ?? [])
  const byCollection = Map.groupBy(images, ({ collection }) => collection)
  const done = await Promise.all([...byCollection.values()].map(deleteTogether))
  const outcomes = new Map(done.flat().map((outcome) => [outcome.imageId, outcome]))
  const deletions: Deletions = { deleted: [], failed: [], rest: [] }
  for (const imageId of new Set(imageIds)) {
    const { failure, rest } = outcomes.get(imageId) ?? { failure: 'not_found' }
    if (failure) deletions.failed.push({ imageId, code: failure })
    else deletions.deleted.push(imageId)
    if (rest) deletions.rest.push(rest)
  }
  return deletions
}

/** What became of one deletion. */
interface Outcome {
  imageId: string
  failure?: 'not_found' | 'internal'
  rest?: DeletedImage
}

/** Deletes images of one collection. Lists entries and trail once. */
async function deleteTogether(images: ImageRef[]): Promise<Outcome[]> {
  const [first] = images as [ImageRef]
  const [entries, trail] = await Promise.all([readEntriesOf(images), readTrail(first)])
  const failures = new Map<string, unknown>()
  const found = images
    .map((image) => ({ image, entries: entries.filter(({ imageId }) => imageId === image.imageId) }))
    .filter((one) => one.entries.length > 0)

  await pMap(
    found.filter(({ image }) => !isDeleted(trail, image.imageId)),
    ({ image }) => putTombstone(image).catch((error) => failures.set(image.imageId, error)),
    { concurrency: atOnce },
  )
  const gone = found.filter(({ image }) => !failures.has(image.imageId))
  try {
    await deleteObjects(first.bucket, gone.flatMap(mediaKeys))
  } catch (error) {
    // The store may name those that it refused; else any of them may be there still.
    const refused = error instanceof ObjectsNotDeleted ? new Set(error.keys) : null
    for (const one of gone) {
      if (!refused || mediaKeys(one).some((key) => refused.has(key))) failures.set(one.image.imageId, error)
    }
  }
  const [err] = failures.values()
  if (err) log().error({ err, failed: failures.size, of: images.length }, 'delete images: the store failed')
  return images.map(({ imageId }) => {
    const rest = gone.find(({ image }) => image.imageId === imageId)
    if (failures.has(imageId)) return { imageId, failure: 'internal' }
    if (rest) return { imageId, rest }
    return isDeleted(trail, imageId) ? { imageId } : { imageId, failure: 'not_found' }
  })
}

/** Lists the entries of some images of a collection, and of those between them, in as few listings as there are pages. */
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
