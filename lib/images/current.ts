import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import type { Collection } from './collections'
import type { CurrentAnswer, ShownVariant } from './schema'
import { bucketOf } from './storage/buckets'
import { readEntries } from './storage/entries'
import { resolveImage } from './storage/image-ref'
import type { TrailImage } from './storage/keys'
import type { Owner } from './storage/owner'
import {
  currentOf,
  headOf,
  isDeleted,
  placeOfChoice,
  putTrailItem,
  readTrail,
  type Trail,
  trailTime,
} from './storage/trail'
import { showVariant } from './storage/urls'

/** The current image of a collection, and the trail's head, which a save then sends as `seen`. */
export interface Current {
  seen: string | null
  image: { imageId: string; variants: ShownVariant[] } | null
}

/** Reads the trail of a collection, for `showCurrent`, `showHistory` and `listGallery`: one listing. */
export function loadTrail(owner: Owner, collection: Collection): Promise<Trail> {
  return readTrail({ bucket: bucketOf(collection), uid: owner.uid, collection })
}

/** What is current, according to a trail. */
export async function showCurrent(owner: Owner, collection: Collection, trail: Trail): Promise<Current> {
  const seen = headOf(trail)?.id ?? null
  const current = currentOf(trail)
  const image = current && resolveImage(owner, current.imageId)
  if (!current || !image) return { seen, image: null }
  const variants = await Promise.all(collection.variants.map((variant) => showVariant(image, current, variant)))
  return { seen, image: { imageId: current.imageId, variants } }
}

/** What is current, and what was: a hundred items at most. An older image may have been deleted since. */
export async function showHistory(owner: Owner, collection: Collection, trail: Trail): Promise<CurrentAnswer> {
  const { seen, image } = await showCurrent(owner, collection, trail)
  const history = trail.items.slice(0, 100).map((item) => ({
    id: item.id,
    imageId: item.image?.imageId ?? null,
    since: new Date(trailTime(item.id)).toISOString(),
  }))
  return { collection: collection.name, current: image, seen, history }
}

/**
 * Makes a saved image current, or none (null). Nothing is overwritten: the trail grows by one item.
 * Errors: `not_found`.
 * @returns the trail with the choice as its head
 */
export async function setCurrentImage(
  owner: Owner,
  collection: Collection,
  imageId: string | null,
): Promise<Result<Trail>> {
  const image = imageId === null ? null : resolveImage(owner, imageId)
  if (imageId !== null && image?.collection !== collection) return refuse('not_found')
  const [[entry], trail] = await Promise.all([image ? readEntries(image) : [], loadTrail(owner, collection)])
  if (imageId !== null && (!entry || isDeleted(trail, imageId))) return refuse('not_found')
  if ((currentOf(trail)?.imageId ?? null) === imageId) return ok(trail)

  const bucket = bucketOf(collection)
  const chosen: TrailImage | null = imageId === null ? null : { imageId, isAnimated: entry?.isAnimated ?? false }
  const id = placeOfChoice(trail, bucket.clock.now())
  await putTrailItem({ bucket, uid: owner.uid, collection }, id, chosen)
  return ok({ ...trail, items: [{ id, image: chosen }, ...trail.items] })
}
