import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Collection } from '@/lib/images/collections'

/**
 * Ids that a client may send. All are base32hex and end in a seal of 8 characters.
 *
 *   uploadId  27 characters: the collection's code, inverted time (10), random (8), seal
 *   imageId   43 characters: the uploadId without its seal (19), a hash (16), seal
 *
 * - Inverted time makes plain S3 order newest first. It is T, the store time at which the upload was issued; every
 *   deadline counts from it.
 * - The hash makes an image's id follow from what is saved: saving the same crop twice writes the same keys.
 * - The seal is a hash over the rest and the person's uid. It shows without a request that an id was issued to someone
 *   else. It authorises nothing, since keys are built from the session's uid; it makes the 404 for another person's
 *   image the same as the one for an image that never existed (security S10).
 */

/** Creates the id of a new upload. @param storeTimeMs T, in milliseconds */
export function createUploadId(uid: string, collection: Collection, storeTimeMs: number): string {
  return withSeal(uid, collection.code + invertTime(storeTimeMs) + toBase32(randomBytes(5)))
}

/** Derives the id of the image that saving this crop makes. The choice about the original is part of it. */
export function imageIdOf(uid: string, uploadId: string, cropId: string, keepsOriginal: boolean): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([uploadId, cropId, keepsOriginal]))
    .digest()
  // 80 bits.
  return withSeal(uid, openPartOf(uploadId) + toBase32(digest.subarray(0, 10)))
}

/** Returns the id of the upload that an image was cropped from. */
export function uploadIdOf(uid: string, imageId: string): string {
  return withSeal(uid, openPartOf(imageId))
}

/** Returns what the ids of an upload and of all its images begin with. */
export function openPartOf(id: string): string {
  return id.slice(0, openLength)
}

/** Whether this uploadId was issued to this person. */
export function isUploadIdOf(uid: string, id: string): boolean {
  return id.length === openLength + sealLength && isSealed(uid, id)
}

/** Whether this imageId was issued to this person. */
export function isImageIdOf(uid: string, id: string): boolean {
  return id.length === openLength + hashLength + sealLength && isSealed(uid, id)
}

/** Returns T of an uploadId or imageId: when the upload was issued, in milliseconds of store time. */
export function issuedAt(id: string): number {
  return revertTime(id.slice(1, 11))
}

/** Formats a time as 10 characters that sort newest first. @param timeMs milliseconds since 1970, before the year 10889 */
export function invertTime(timeMs: number): string {
  return (latest - timeMs).toString(32).padStart(10, '0')
}

/** Reads the time that `invertTime` wrote. */
export function revertTime(inverted: string): number {
  return latest - Number.parseInt(inverted, 32)
}

const latest = 2 ** 48 - 1
const openLength = 19
const hashLength = 16
const sealLength = 8

function withSeal(uid: string, open: string): string {
  const digest = createHash('sha256').update(`${uid}\n${open}`).digest()
  return open + toBase32(digest).slice(0, sealLength)
}

function isSealed(uid: string, id: string): boolean {
  return withSeal(uid, id.slice(0, -sealLength)) === id
}
