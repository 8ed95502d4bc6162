import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Bucket } from '@/lib/s3/client'
import { listObjects, putObject } from '@/lib/s3/objects'
import { invertTime, issuedAt, revertTime } from './ids'
import type { CollectionRef, ImageRef } from './image-ref'
import { keys, parseTrailKey, type TrailImage } from './keys'

/** One change of the current image. Null: the person chose to have none. */
export interface TrailItem {
  id: string
  image: TrailImage | null
}

/** The history of a collection: which images were current and which are deleted. */
export interface Trail {
  /** Newest first. The first item is the head. */
  items: TrailItem[]
  /** The store time at which each tombstone was written, by imageId. */
  tombstones: Map<string, Date>
  /** Days of orphan cleanups, such as `2026-11-28`. Usually one. */
  cleanedOn: string[]
}

/**
 * Reads all tombstones and the newest items of a trail: one page of 1,000 names, or more pages until one has an item.
 * Tombstones sort first, so no reader misses one.
 */
export async function readTrail({ bucket, uid, collection }: CollectionRef): Promise<Trail> {
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

/** Returns the newest item, even if its image is deleted; null for an empty trail. */
export function headOf(trail: Trail): TrailItem | null {
  return trail.items[0] ?? null
}

/** Returns the current image: the head's image, unless it is deleted. */
export function currentOf(trail: Trail): TrailImage | null {
  const image = headOf(trail)?.image ?? null
  return image && !isDeleted(trail, image.imageId) ? image : null
}

/** Returns whether this image is the current one. */
export function isCurrent(trail: Trail, imageId: string): boolean {
  return currentOf(trail)?.imageId === imageId
}

/** Returns whether an image is deleted. No reader shows it, even if some of its objects still exist. */
export function isDeleted(trail: Trail, imageId: string): boolean {
  return trail.tombstones.has(imageId)
}

/**
 * Returns the trail id for a save, or null if the image must not become current: the head is no longer `seen`, or the
 * trail already has an item of this image. A retry on any host gets the same id.
 * @param seen the head that the page showed, null for an empty trail, undefined for the head as read
 */
export function trailIdForSave(trail: Trail, imageId: string, seen: string | null | undefined): string | null {
  if (trail.items.some(({ image }) => image?.imageId === imageId)) return null
  const head = headOf(trail)
  const expected = seen === undefined ? (head?.id ?? null) : seen
  if (!isHead(head, expected)) return null
  const digest = createHash('sha256').update(imageId).digest()
  return laterThan(expected, issuedAt(imageId)) + toBase32(digest.subarray(0, 7)).slice(0, suffixLength)
}

/** Returns whether the head is still `seen`. A `none` that cleanup wrote directly after it does not count. */
function isHead(head: TrailItem | null, seen: string | null): boolean {
  if ((head?.id ?? null) === seen) return true
  return seen !== null && head?.image === null && head.id === trailIdForCleanup(seen)
}

/** Returns the trail id for a choice made now, later than the head. @param storeNowMs store time in milliseconds */
export function trailIdForChoice(trail: Trail, storeNowMs: number): string {
  return laterThan(headOf(trail)?.id ?? null, storeNowMs) + toBase32(randomBytes(7)).slice(0, suffixLength)
}

/** Returns the trail id directly after a head with a deleted image. An image made current meanwhile sorts above it. */
export function trailIdForCleanup(head: string): string {
  return laterThan(head, 0) + oldestSuffix
}

/** Adds an item to the trail. @param image null to make no image current */
export function putTrailItem({ bucket, uid, collection }: CollectionRef, trailId: string, image: TrailImage | null) {
  return putName(bucket, keys.trailItem(uid, collection, trailId, image))
}

/** Writes the tombstone of an image. From now on no reader shows the image. */
export function putTombstone({ bucket, uid, collection, imageId }: ImageRef): Promise<void> {
  return putName(bucket, keys.tombstone(uid, collection, imageId))
}

/** Writes an empty object, whose name is its only data. */
export function putName(bucket: Bucket, key: string): Promise<void> {
  return putObject(bucket, key, '', { contentType: 'application/octet-stream' })
}

/** Returns the store time of a trail item in milliseconds. */
export function trailTime(trailId: string): number {
  return revertTime(trailId.slice(0, -suffixLength))
}

const suffixLength = 10
/** Sorts as the oldest item of a millisecond. */
const oldestSuffix = 'v'.repeat(suffixLength)

/** Returns an inverted time later than the head's, even if this host's clock is behind the clock that made the head. */
function laterThan(head: string | null, timeMs: number): string {
  const headTimeMs = head === null ? 0 : trailTime(head)
  return invertTime(Math.max(Math.floor(timeMs), headTimeMs + 1))
}
