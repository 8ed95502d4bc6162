import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Collection } from '@/lib/images/collections'

/**
 * The ids that clients send, in base32hex. Each ends in a seal of 8 characters.
 *
 *   uploadId  27 characters: collection code (1), inverted time (10), random (8), seal
 *   imageId   43 characters: uploadId without its seal (19), hash (16), seal
 *
 * - The inverted time makes S3's key order newest first. It is T, the store time at which the upload was issued; every
 *   deadline counts from it.
 * - The hash derives an image's id from the saved content: saving the same crop twice writes the same keys.
 * - The seal is a hash of the other characters and the person's uid. It identifies another person's id without a
 *   request, so that id gets the same 404 as an image that never existed (security S10). It does not authorise
 *   anything: keys are built from the session's uid.
 */

/** Creates the id of a new upload. @param storeTimeMs T in milliseconds */
export function createUploadId(uid: string, collection: Collection, storeTimeMs: number): string {
  return withSeal(uid, collection.code + invertTime(storeTimeMs) + toBase32(randomBytes(5)))
}

/** Derives the id of the upload that another person's upload becomes. The same T and source give the same id. */
export function deriveUploadId(uid: string, collection: Collection, storeTimeMs: number, source: string): string {
  const digest = createHash('sha256').update(source).digest()
  return withSeal(uid, collection.code + invertTime(storeTimeMs) + toBase32(digest.subarray(0, 5)))
}

/** Derives the id of the image that a save of this crop creates. It depends on the keep-original choice too. */
export function imageIdOf(uid: string, uploadId: string, cropId: string, keepsOriginal: boolean): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([uploadId, cropId, keepsOriginal]))
    .digest()
  return withSeal(uid, uploadPartOf(uploadId) + toBase32(digest.subarray(0, 10)))
}

/** Returns the id of the upload that an image was cropped from. */
export function uploadIdOf(uid: string, imageId: string): string {
  return withSeal(uid, uploadPartOf(imageId))
}

/** Returns the prefix that the ids of an upload and of all its images share: code, time and random. */
export function uploadPartOf(id: string): string {
  return id.slice(0, uploadPartLength)
}

/** Returns whether this uploadId was issued to this person. */
export function isUploadIdOf(uid: string, id: string): boolean {
  return id.length === uploadPartLength + sealLength && isSealed(uid, id)
}

/** Returns whether this imageId was issued to this person. */
export function isImageIdOf(uid: string, id: string): boolean {
  return id.length === uploadPartLength + hashLength + sealLength && isSealed(uid, id)
}

/** Returns T of an uploadId or imageId: when the upload was issued, in milliseconds of store time. */
export function issuedAt(id: string): number {
  return revertTime(id.slice(1, 11))
}

/** Formats a time as 10 characters that sort newest first. @param timeMs Unix time in ms, up to the year 10889 */
export function invertTime(timeMs: number): string {
  return (latest - timeMs).toString(32).padStart(10, '0')
}

/** Parses the result of `invertTime`. */
export function revertTime(inverted: string): number {
  return latest - Number.parseInt(inverted, 32)
}

const latest = 2 ** 48 - 1
const uploadPartLength = 19
const hashLength = 16
const sealLength = 8

function withSeal(uid: string, unsealed: string): string {
  const digest = createHash('sha256').update(`${uid}\n${unsealed}`).digest()
  return unsealed + toBase32(digest).slice(0, sealLength)
}

function isSealed(uid: string, id: string): boolean {
  return withSeal(uid, id.slice(0, -sealLength)) === id
}
