import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Collection } from './collections'

/**
 * An imageId: the collection's code, inverted time (10), random (8), seal (8), all base32hex.
 *
 * - Inverted time makes plain S3 order newest first. It is taken once, when the upload is issued.
 * - The seal is a hash over the rest and the person's uid: an id that was issued to someone else is told from
 *   one's own without asking the store. It authorises nothing (keys are built from the session's uid anyway);
 *   it makes the 404 for another's picture the same as the one for a picture that never was (security S10).
 */
export function createImageId(uid: string, collection: Collection, storeTimeMs: number): string {
  const open = collection.code + invertTime(storeTimeMs) + toBase32(randomBytes(5))
  return open + seal(uid, open)
}

/** Whether this id was issued to this person. */
export function isIssuedTo(uid: string, imageId: string): boolean {
  return seal(uid, imageId.slice(0, -sealLength)) === imageId.slice(-sealLength)
}

/** When the upload was issued, in milliseconds of store time. */
export function issuedAt(imageId: string): number {
  return revertTime(imageId.slice(1, 11))
}

/** Time as 10 characters that sort newest first. @param timeMs milliseconds since 1970, before the year 10889 */
export function invertTime(timeMs: number): string {
  return (latest - timeMs).toString(32).padStart(10, '0')
}

/** The time of `invertTime`. */
export function revertTime(inverted: string): number {
  return latest - Number.parseInt(inverted, 32)
}

const latest = 2 ** 48 - 1
const sealLength = 8

function seal(uid: string, open: string): string {
  return toBase32(createHash('sha256').update(`${uid}\n${open}`).digest()).slice(0, sealLength)
}
