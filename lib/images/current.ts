import 'server-only'
import { deleteObjects, putObject } from '@/lib/s3/objects'
import { addressImage } from './addressed'
import { bucketOf } from './buckets'
import type { Collection } from './collections'
import { showVariant } from './delivery'
import { hasEntry, readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import { headOf, readHead } from './head'
import { keys } from './keys'
import type { Owner } from './owner'
import type { CurrentAnswer, ShownVariant } from './schema'
import { settleStanding, undecided } from './standing'
import { asStep } from './step'
import { hasTombstone, isDeleted } from './tombstone'
import { isMarkedDeleted, readTrail, type Trail, trailIdOfChoice, trailTime } from './trail'
import { removeMark } from './writes'

/** The current picture of a collection, and the trail's head, which a save then carries as `seen`. */
export interface Current {
  seen: string | null
  picture: { imageId: string; cropId: string; variants: ShownVariant[] } | null
}

/** Reads the trail of a collection, for `readCurrent` and `listGallery`: one listing. */
export const loadTrail = asStep((owner: Owner, collection: Collection): Promise<Trail> => {
  return readTrail(bucketOf(collection), owner.uid, collection)
})

/** What is current, from a trail. */
export const readCurrent = asStep(async (owner: Owner, collection: Collection, trail: Trail): Promise<Current> => {
  const head = await headOf(bucketOf(collection), owner.uid, trail)
  const image = head?.image && addressImage(owner, head.image.imageId)
  if (!head?.image || !image || isMarkedDeleted(trail, image.imageId)) return { seen: head?.id ?? null, picture: null }
  const { imageId, cropId } = head.image
  const shown = head.image
  const variants = await Promise.all(collection.variants.map((variant) => showVariant(image, shown, variant)))
  return { seen: head.id, picture: { imageId, cropId, variants } }
})

/** What is current, and what was: the trail from its head on. A picture in it may have been deleted since. */
export const readHistory = asStep(async (owner: Owner, collection: Collection): Promise<CurrentAnswer> => {
  const trail = await loadTrail(owner, collection)
  const { seen, picture } = await readCurrent(owner, collection, trail)
  const head = trail.items.findIndex(({ id }) => id === seen)
  const history = trail.items
    .slice(Math.max(head, 0))
    // Of the older ones those count that a save has been seen to end.
    .filter(({ id, isUnsettled }) => id === seen || !isUnsettled)
    .map(({ id, image }) => ({
      id,
      imageId: image?.imageId ?? null,
      since: new Date(trailTime(id)).toISOString(),
    }))
  return { collection: collection.name, current: picture, seen, history: seen === null ? [] : history }
})

/**
 * Makes a saved picture current, or none (null). Nothing is overwritten: the trail grows by one item.
 * Refusals: `not_found`, `busy`.
 */
export const setCurrentImage = asStep(
  async (owner: Owner, collection: Collection, imageId: string | null): Promise<Result<null>> => {
    const bucket = bucketOf(collection)
    const image = imageId === null ? null : addressImage(owner, imageId)
    // Before the trail, which then tells what has become of them.
    const entries = image?.collection === collection ? await readEntries(image) : []
    const { trail, head } = await readHead(bucket, owner.uid, collection)
    if (imageId !== null && isMarkedDeleted(trail, imageId)) return refuse('not_found')
    if ((head?.image?.imageId ?? null) === imageId) return ok(null)
    const trailId = trailIdOfChoice(head?.id ?? null, bucket.clock.now())
    if (imageId === null) {
      await putObject(bucket, keys.trailItem(owner.uid, collection, trailId, null), '', trailItem)
      return ok(null)
    }

    if (!image || entries.length === 0 || (await hasTombstone(image))) return refuse('not_found')
    const entry = await settleStanding(image, entries, trail)
    if (!entry) return undecided
    const chosen = { imageId, cropId: entry.cropId, isAnimated: entry.isAnimated }
    const key = keys.trailItem(owner.uid, collection, trailId, chosen)
    // Under a mark, as in a save: while it is there, the item counts only if the picture does.
    await putObject(bucket, keys.savePending(owner.uid, collection, entry), '', trailItem)
    await putObject(bucket, key, '', trailItem)
    // A deletion that began meanwhile did not know that this picture was becoming current.
    const isStanding = !(await isDeleted(image)) && (await hasEntry(bucket, owner.uid, chosen))
    if (!isStanding) await deleteObjects(bucket, [key])
    await removeMark(image, entry)
    return isStanding ? ok(null) : refuse('not_found')
  },
)

const trailItem = { contentType: 'application/octet-stream' }
