import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Collection } from '@/lib/images/collections'
import type { Bucket } from '@/lib/s3/client'
import { listObjects, putObject } from '@/lib/s3/objects'
import { invertTime, issuedAt, revertTime } from './ids'
import type { ImageRef } from './image-ref'
import { keys, parseTrailKey, type TrailImage } from './keys'

/** One thing that was current: an image, or null where the person wanted none. */
export interface TrailItem {
  id: string
  image: TrailImage | null
}

/** The trail of a collection: what was current, and what was deleted (docs/architecture.md). */
export interface Trail {
  /** Newest first; the first is the head. */
  items: TrailItem[]
  /** By imageId, when the tombstone was written, by the store's clock. */
  tombstones: Map<string, Date>
  /** The days on which orphans were searched for, `2026-11-28`. As a rule one. */
  cleanedOn: string[]
}

/** The trail's prefix of a collection. */
interface TrailPlace {
  bucket: Bucket
  uid: string
  collection: Collection
}

/**
 * Reads a trail: all tombstones, and 1,000 names in all, or more where there are that many tombstones. Tombstones sort
 * first, so that no reader misses one.
 */
export async function readTrail({ bucket, uid, collection }: TrailPlace): Promise<Trail> {
  const trail: Trail = { items: [], tombstones: new Map(), cleanedOn: [] }
  let token: string | undefined
  do {
    const page = await listObjects(bucket, keys.trail(uid, collection), 1000, { token })
    for (const { key, lastModified } of page.objects) {
      const name = parseTrailKey(key)
      if (name?.kind === 'tombstone') trail.tombstones.set(name.imageId, lastModified)
      else if (name?.kind === 'cleaned') trail.cleanedOn.push(name.day)
      else if (name?.kind === 'item') trail.items.push({ id: name.trailId, image: name.image })
    }
    token = page.nextToken ?? undefined
  } while (token && trail.items.length === 0)
  return trail
}

/** The newest item, whatever became of its image; null for an empty trail. */
export function headOf(trail: Trail): TrailItem | null {
  return trail.items[0] ?? null
}

/** The current image: the head's, unless it was deleted. */
export function currentOf(trail: Trail): TrailImage | null {
  const image = headOf(trail)?.image ?? null
  return image && !isDeleted(trail, image.imageId) ? image : null
}

/** Whether an image was deleted: whatever of it exists, no reader shows it. */
export function isDeleted(trail: Trail, imageId: string): boolean {
  return trail.tombstones.has(imageId)
}

/**
 * Where in the trail a save belongs, or null if it must not become current: the head has moved on from the one that
 * the person saw, or the trail has this image already.
 *
 * The place follows from what the page showed and from the image's id. A retry computes the same one, on any host.
 * @param seen the head that the person saw, null for an empty trail; undefined: the head as it is now
 */
export function placeOfSave(trail: Trail, imageId: string, seen: string | null | undefined): string | null {
  if (trail.items.some(({ image }) => image?.imageId === imageId)) return null
  const head = headOf(trail)
  const shown = seen === undefined ? (head?.id ?? null) : seen
  if (!isHead(head, shown)) return null
  const digest = createHash('sha256').update(imageId).digest()
  return laterThan(shown, issuedAt(imageId)) + toBase32(digest.subarray(0, 7)).slice(0, suffixLength)
}

/** Whether the head is the one that the person saw. Cleanup's `none` after it does not count as moved on. */
function isHead(head: TrailItem | null, seen: string | null): boolean {
  if ((head?.id ?? null) === seen) return true
  return seen !== null && head?.image === null && head.id === placeOfCleanup(seen)
}

/** The place of a choice that is made now: after the head. @param storeNowMs store time in milliseconds */
export function placeOfChoice(trail: Trail, storeNowMs: number): string {
  return laterThan(headOf(trail)?.id ?? null, storeNowMs) + toBase32(randomBytes(7)).slice(0, suffixLength)
}

/** The place directly after a head whose image was deleted. Everything made current meanwhile sorts above it. */
export function placeOfCleanup(head: string): string {
  return laterThan(head, 0) + oldestSuffix
}

/** Adds an item to the trail. Null: none is current. */
export function putTrailItem(place: TrailPlace, trailId: string, image: TrailImage | null): Promise<void> {
  return putName(place.bucket, keys.trailItem(place.uid, place.collection, trailId, image))
}

/** Writes the tombstone of an image. From then on no reader shows it. */
export function putTombstone({ bucket, uid, collection, imageId }: ImageRef): Promise<void> {
  return putName(bucket, keys.tombstone(uid, collection, imageId))
}

/** Writes an object whose name says everything. */
export function putName(bucket: Bucket, key: string): Promise<void> {
  return putObject(bucket, key, '', { contentType: 'application/octet-stream' })
}

/** Since when a trail item has been there, in milliseconds of store time. */
export function trailTime(trailId: string): number {
  return revertTime(trailId.slice(0, -suffixLength))
}

const suffixLength = 10
/** The oldest of the items of one millisecond. */
const oldestSuffix = 'v'.repeat(suffixLength)

/** Inverted time, later than the head even if this clock is behind the one that made it. */
function laterThan(head: string | null, timeMs: number): string {
  const headTimeMs = head === null ? 0 : trailTime(head)
  return invertTime(Math.max(Math.floor(timeMs), headTimeMs + 1))
}
