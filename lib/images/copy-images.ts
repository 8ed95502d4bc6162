import 'server-only'
import pMap from 'p-map'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject, listAllObjects } from '@/lib/s3/objects'
import { type Collection, collections } from './collections'
import { setCurrentImage } from './current'
import type { CopyAnswer } from './schema'
import { type Entry, newestRevisions, putEntry, readEntryBody, toEntries } from './storage/entries'
import { deriveUploadId, uploadIdOf } from './storage/ids'
import {
  type CollectionRef,
  type ImageRef,
  imageOfCrop,
  type Owner,
  refCollection,
  resolveImage,
} from './storage/image-ref'
import { firstRevision, keys } from './storage/keys'
import { filesOf } from './storage/manifest'
import { hasRoomForImage, withPlace } from './storage/quota'
import { currentOf, headOf, isCurrent, isDeleted, readTrail } from './storage/trail'

/** Images that one step copies. */
const stepSize = 10
const parallelCopies = 4
const dayMs = 24 * 60 * 60 * 1000

/** A saved image of one person, and the image of another person that it becomes. */
interface Copy {
  source: ImageRef
  entry: Entry
  target: ImageRef
  /** Whether the target needs no copy: it exists, or was deleted after it had been copied. */
  isDone: boolean
  /** Whether it is to become current. */
  isChosen: boolean
}

/**
 * Copies all saved images of a guest to the person with an account that the guest has become, step by step: originals,
 * variants, recipes and descriptions, the oldest first. Call it with each `nextCursor` until that is null.
 *
 * A copy is a save (rule 3): first all files, then the entry. Its upload is derived from the source's, and counts as
 * issued at the start of the day, so that a repeated or parallel step of that day writes the same keys, and no cleanup
 * takes the files for leftovers (rule 7c). On another day, an image of the same crop shows that it is done.
 * Errors: `quota`.
 */
export async function copyImages(from: Owner, to: Owner, cursor: string | null): Promise<Result<CopyAnswer>> {
  const plans = await Promise.all(collections.map((collection) => planCopies(from, to, collection)))
  const copies = plans.flat()
  const start = copies.findIndex(({ source }) => source.imageId === cursor) + 1
  const step = copies.slice(start, start + stepSize)

  const outcomes = await pMap(step, copyImage, { concurrency: parallelCopies })
  if (outcomes.includes('quota')) return refuse('quota')

  const isLast = start + stepSize >= copies.length
  if (isLast) await Promise.all(copies.filter(({ isChosen }) => isChosen).map(makeCurrent))
  return ok({
    copied: outcomes.filter((outcome) => outcome === 'done').length,
    missing: outcomes.filter((outcome) => outcome === 'missing').length,
    total: copies.length,
    nextCursor: isLast ? null : (step.at(-1)?.source.imageId ?? null),
  })
}

/** Lists what to copy, oldest first. */
async function planCopies(from: Owner, to: Owner, collection: Collection): Promise<Copy[]> {
  const [sourceRef, targetRef] = [refCollection(from, collection), refCollection(to, collection)]
  const [entries, trail, targetEntries, targetTrail] = await Promise.all([
    listEntries(sourceRef),
    readTrail(sourceRef),
    listEntries(targetRef),
    readTrail(targetRef),
  ])
  const isCopied = ({ imageId }: Entry) => resolveImage(from, imageId) && !isDeleted(trail, imageId)
  const sources = entries.filter(isCopied).toReversed()
  const uploadIds = [...new Set(sources.map(({ imageId }) => uploadIdOf(from.uid, imageId)))]
  const today = Math.floor(targetRef.bucket.clock.now() / dayMs) * dayMs
  const existing = targetEntries.filter(({ imageId }) => !isDeleted(targetTrail, imageId))
  const hasCurrent = currentOf(trail) !== null && headOf(targetTrail) === null
  return sources.map((entry) => {
    const { imageId, cropId, keepsOriginal } = entry
    const sourceUploadId = uploadIdOf(from.uid, imageId)
    // A millisecond each keeps their order.
    const issuedMs = today + uploadIds.indexOf(sourceUploadId)
    const uploadId = deriveUploadId(to.uid, collection, issuedMs, sourceUploadId)
    const derived = imageOfCrop({ ...targetRef, uploadId }, cropId, keepsOriginal)
    const same = existing.find((other) => other.cropId === cropId && other.keepsOriginal === keepsOriginal)
    return {
      source: { ...sourceRef, imageId },
      entry,
      target: same ? { ...targetRef, imageId: same.imageId } : derived,
      isDone: same !== undefined || isDeleted(targetTrail, derived.imageId),
      isChosen: hasCurrent && isCurrent(trail, imageId),
    }
  })
}

async function listEntries({ uid, bucket, collection }: CollectionRef): Promise<Entry[]> {
  return newestRevisions(toEntries(await listAllObjects(bucket, keys.entriesOfCollection(uid, collection))))
}

/** @returns `missing` if files of the source are gone */
function copyImage({ source, entry, target, isDone }: Copy): Promise<'done' | 'missing' | 'quota'> {
  return withPlace('image', target, target.imageId, async (earlier) => {
    if (isDone) return 'done'
    const others = earlier.filter((imageId) => imageId !== target.imageId)
    if (!(await hasRoomForImage(target, others))) return 'quota'
    const { bucket, collection } = source
    const copyFile = (keyOf: (uid: string, imageId: string) => string) =>
      copyObject(bucket, keyOf(source.uid, source.imageId), keyOf(target.uid, target.imageId))
    const files = filesOf({ variants: collection.variants, isAnimated: entry.isAnimated })
    const [body, ...copied] = await Promise.all([
      readEntryBody(source, entry),
      entry.keepsOriginal ? copyFile(keys.original) : 'not kept',
      ...files.map((file) => copyFile((uid, imageId) => keys.variant(uid, imageId, file))),
    ])
    if (!body || copied.includes(null)) return 'missing'
    const { cropId, format, flags, alt } = entry
    const name = { imageId: target.imageId, revision: firstRevision, cropId, format, flags, alt }
    await putEntry(target, name, body)
    return 'done'
  })
}

/** Makes a copy current, unless it is missing or deleted. */
async function makeCurrent({ target }: Copy): Promise<void> {
  await setCurrentImage(target, target.collection, target.imageId)
}
