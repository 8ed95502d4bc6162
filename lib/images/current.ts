import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import type { Collection } from './collections'
import type { CurrentAnswer, ShownVariant } from './schema'
import { readEntries } from './storage/entries'
import { type Owner, refCollection, resolveImage } from './storage/image-ref'
import type { TrailImage } from './storage/keys'
import {
  currentOf,
  headOf,
  isDeleted,
  putTrailItem,
  readTrail,
  type Trail,
  trailIdForChoice,
  trailTime,
} from './storage/trail'
import { showVariant } from './storage/urls'

/** The current image of a collection. */
export interface Current {
  /** The head of the trail, which the next save sends as `seen`. */
  seen: string | null
  image: { imageId: string; variants: ShownVariant[] } | null
}

/** Reads the trail of a collection, for `showCurrent`, `showUsed`, `showHistory` and `listGallery`. Costs one listing. */
export function loadTrail(owner: Owner, collection: Collection): Promise<Trail> {
  return readTrail(refCollection(owner, collection))
}

/** Returns the current image according to a trail. Costs no request. */
export async function showCurrent(owner: Owner, collection: Collection, trail: Trail): Promise<Current> {
  const seen = headOf(trail)?.id ?? null
  const current = currentOf(trail)
  const image = current && resolveImage(owner, current.imageId)
  if (!current || !image) return { seen, image: null }
  const variants = await Promise.all(collection.variants.map((variant) => showVariant(image, current, variant)))
  return { seen, image: { imageId: current.imageId, variants } }
}

/**
 * Returns the id of the current image, and those of the images that were current lately, the last one first, each once.
 * Costs no request. Tombstones expire, so only images that a gallery lists exist for sure.
 */
export function showUsed(trail: Trail): { currentId: string | null; used: string[] } {
  const used = new Set(trail.items.flatMap(({ image }) => image?.imageId ?? []))
  return {
    currentId: currentOf(trail)?.imageId ?? null,
    used: [...used].filter((imageId) => !isDeleted(trail, imageId)).slice(0, 20),
  }
}

/** Returns the current image and up to 100 trail items. The images of older items may be deleted. */
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
 * Makes a saved image current, or no image (null), by adding an item to the trail. Nothing is overwritten.
 * Errors: `not_found`.
 * @returns the trail with the new item as its head
 */
export async function setCurrentImage(
  owner: Owner,
  collection: Collection,
  imageId: string | null,
): Promise<Result<Trail>> {
  const image = imageId === null ? null : resolveImage(owner, imageId)
  if (imageId !== null && image?.collection !== collection) return refuse('not_found')
  const ref = refCollection(owner, collection)
  const [[entry], trail] = await Promise.all([image ? readEntries(image) : [], readTrail(ref)])
  if (imageId !== null && (!entry || isDeleted(trail, imageId))) return refuse('not_found')
  if ((currentOf(trail)?.imageId ?? null) === imageId) return ok(trail)

  const chosen: TrailImage | null = imageId === null ? null : { imageId, isAnimated: entry?.isAnimated ?? false }
  const id = trailIdForChoice(trail, ref.bucket.clock.now())
  await putTrailItem(ref, id, chosen)
  return ok({ ...trail, items: [{ id, image: chosen }, ...trail.items] })
}
