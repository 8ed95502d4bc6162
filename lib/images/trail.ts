import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Bucket } from '@/lib/s3/client'
import { listObjects } from '@/lib/s3/objects'
import type { Collection } from './collections'
import { invertTime, revertTime } from './image-id'
import { keys, parseTrailKey } from './keys'

/** The picture that a trail item names. */
export interface TrailImage {
  imageId: string
  cropId: string
}

/** A picture that is or was current, with what is to be known to show it. */
export interface CurrentImage extends TrailImage {
  isAnimated: boolean
}

/** What a save is told by: the crop of an image, and whether the original is kept with it. */
export interface SaveName extends TrailImage {
  keepsOriginal: boolean
}

/** Whether two tries or traces are of the same save: then they write the same. */
export function isSameSave(one: SaveName, other: SaveName): boolean {
  return one.imageId === other.imageId && one.cropId === other.cropId && one.keepsOriginal === other.keepsOriginal
}

/** One thing that was current: a picture, or null where the person wanted none. */
export interface TrailItem {
  id: string
  key: string
  image: CurrentImage | null
  /** Written by a save that has not been seen to end: it counts only if the picture's entry stands. */
  isUnsettled: boolean
}

/** A save that has begun and not ended, under way or killed; or a deletion of the last two days. */
export interface Pending {
  key: string
  imageId: string
  /** Null: a deletion. */
  save: SaveName | null
  begunAt: Date
}

export interface Trail {
  /** Newest first. */
  items: TrailItem[]
  pending: Pending[]
}

/**
 * The head of the trail: the newest item that counts; its image is the current picture. Null for an empty trail.
 *
 * An item counts if its picture's entry stands (contract, rule 3). A save removes its pending mark after it wrote
 * the entry, so only items with a mark have to be looked up, and those are rare.
 */
export async function findHead(
  trail: Trail,
  isSaved: (image: TrailImage) => boolean | Promise<boolean>,
): Promise<TrailItem | null> {
  for (const item of trail.items) {
    if (!item.isUnsettled || item.image === null || (await isSaved(item.image))) return item
  }
  return null
}

/** Whether this very save has begun and not been seen to end. */
export function isUnsettled(trail: Trail, name: SaveName): boolean {
  return trail.pending.some(({ save }) => save !== null && isSameSave(save, name))
}

/** Whether a picture was deleted, however much of it still stands, or stands again (docs/decisions/007). */
export function isMarkedDeleted(trail: Trail, imageId: string): boolean {
  return trail.pending.some((mark) => mark.save === null && mark.imageId === imageId)
}

/** Reads a trail, in one listing unless about a thousand pictures were deleted within two days: marks come first. */
export async function readTrail(bucket: Bucket, uid: string, collection: Collection): Promise<Trail> {
  const trail: Trail = { items: [], pending: [] }
  const pendingSaves = new Set<string>()
  let token: string | undefined
  do {
    const page = await listObjects(bucket, keys.trail(uid, collection), 1000, token)
    for (const { key, lastModified } of page.objects) {
      const name = parseTrailKey(key)
      if (name.kind === 'save-pending') {
        pendingSaves.add(`${name.imageId}.${name.cropId}`)
        const { imageId, cropId, keepsOriginal } = name
        trail.pending.push({ key, imageId, save: { imageId, cropId, keepsOriginal }, begunAt: lastModified })
      } else if (name.kind === 'delete-pending') {
        trail.pending.push({ key, imageId: name.imageId, save: null, begunAt: lastModified })
      } else if (name.kind === 'none') {
        trail.items.push({ id: name.trailId, key, image: null, isUnsettled: false })
      } else {
        const image = { imageId: name.imageId, cropId: name.cropId, isAnimated: name.isAnimated }
        const isUnsettled = pendingSaves.has(`${name.imageId}.${name.cropId}`)
        trail.items.push({ id: name.trailId, key, image, isUnsettled })
      }
    }
    token = page.nextToken ?? undefined
  } while (token && trail.items.every((item) => item.isUnsettled))
  return trail
}

/**
 * The trail id of a save: after the head that its page showed, by the store's own clock (the time its crop was
 * written), and the same however often and wherever the save is repeated, so that a save leaves one item.
 */
export function trailIdOfSave(head: string | null, croppedAt: Date, imageId: string, cropId: string): string {
  const digest = createHash('sha256').update(`${imageId}.${cropId}`).digest()
  return after(head, croppedAt.getTime()) + toBase32(digest.subarray(0, 7)).slice(0, suffixLength)
}

/** The trail id of a choice made now, after the head. */
export function trailIdOfChoice(head: string | null, storeNowMs: number): string {
  return after(head, storeNowMs) + toBase32(randomBytes(7)).slice(0, suffixLength)
}

/**
 * The trail id of "none" where the head's picture is deleted: right after that head, whatever the time, so that what a
 * save or a choice made current meanwhile stays above it. However often and wherever it is repeated, it is one item.
 */
export function trailIdOfClearing(head: string): string {
  return after(head, 0) + lastSuffix
}

/** Since when a trail item stands, in milliseconds of store time. */
export function trailTime(trailId: string): number {
  return revertTime(trailId.slice(0, -suffixLength))
}

const suffixLength = 10
/** Of the items of one millisecond the oldest. */
const lastSuffix = 'v'.repeat(suffixLength)

/** Inverted time, later than the head even if this clock is behind the one that made it. */
function after(head: string | null, timeMs: number): string {
  const headTimeMs = head === null ? 0 : trailTime(head)
  return invertTime(Math.max(Math.floor(timeMs), headTimeMs + 1))
}
