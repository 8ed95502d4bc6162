import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Collection } from '@/lib/images/collections'
import { invertTime, uploadPartOf } from './ids'
import { type Prefix, prefixes } from './prefixes'

/** Whether a key belongs to a test object. */
export function isProbe(key: string): boolean {
  return key.split('/')[1] === 'self-check'
}

/**
 * Builds and parses every key in the store, from the session's uid and validated ids only. docs/layout.md describes the
 * keys for deployers. `v1` is the version of the layout.
 *
 *   incoming/<uid>/<uploadId>                                       the upload as sent
 *   drafts/<uid>/<uploadId>/original/<etag>                         the working copy of the upload
 *   drafts/<uid>/<uploadId>/crops/<cropId>/<variant>.webp           a variant of an unsaved crop
 *   drafts/<uid>/<uploadId>/crops/<cropId>/<variant>-poster.webp    … its first frame, if animated
 *   drafts/<uid>/<uploadId>/crops/<cropId>/manifest.json            … the list of these files
 *   users/<uid>/v1/originals/<imageId>                              private; absent if not kept
 *   users/<uid>/v1/entries/<imageId>.<revision>.<cropId>.<format>[-<flags>].<alt>    saved; the body has the recipe
 *   users/<uid>/v1/trail/<code>/<trailId>.<imageId>[.<flags>]       an image made current; newest first
 *   users/<uid>/v1/trail/<code>/<trailId>.none                      … or a choice of no image
 *   users/<uid>/v1/trail/<code>/!deleted.<imageId>                  a tombstone; sorts before all items
 *   users/<uid>/v1/trail/<code>/!cleaned.<day>                      the day of the last orphan cleanup
 *   users/<uid>/v1/epoch                                            random text: sessions with another one have ended
 *   media/<uid>/<imageId>/<variant>[-poster].webp                   saved variants, immutable
 *   <prefix>self-check/<random>                                     a test object of a check; no uid is "self-check"
 */
export const keys = {
  uploadsOf: (uid: string) => `incoming/${uid}/`,
  upload: (uid: string, uploadId: string) => `incoming/${uid}/${uploadId}`,
  probes: 'incoming/self-check/',
  probe: (prefix: Prefix = 'incoming/') => `${prefix}self-check/${randomUUID()}`,

  draft: (uid: string, uploadId: string) => `drafts/${uid}/${uploadId}/`,
  workingCopy: (uid: string, uploadId: string, etag: string) =>
    `drafts/${uid}/${uploadId}/original/${etagSegment(etag)}`,
  draftVariant: (uid: string, uploadId: string, cropId: string, file: string) =>
    `drafts/${uid}/${uploadId}/crops/${cropId}/${file}.webp`,
  manifest: (uid: string, uploadId: string, cropId: string) =>
    `drafts/${uid}/${uploadId}/crops/${cropId}/manifest.json`,

  originals: (uid: string, collection: Collection) => `users/${uid}/v1/originals/${collection.code}`,
  original: (uid: string, imageId: string) => `users/${uid}/v1/originals/${imageId}`,

  media: (uid: string, collection: Collection) => `media/${uid}/${collection.code}`,
  mediaOfImage: (uid: string, imageId: string) => `media/${uid}/${imageId}/`,
  variant: (uid: string, imageId: string, file: string) => `media/${uid}/${imageId}/${file}.webp`,

  entries: (uid: string) => `users/${uid}/v1/entries/`,
  entriesOfCollection: (uid: string, collection: Collection) => `users/${uid}/v1/entries/${collection.code}`,
  entriesOfUpload: (uid: string, uploadId: string) => `users/${uid}/v1/entries/${uploadPartOf(uploadId)}`,
  entriesOfImage: (uid: string, imageId: string) => `users/${uid}/v1/entries/${imageId}.`,
  /** Sorts after all entries of the image and before those of the next one. */
  afterEntriesOfImage: (uid: string, imageId: string) => `users/${uid}/v1/entries/${imageId}/`,

  trail: (uid: string, collection: Collection) => `users/${uid}/v1/trail/${collection.code}/`,
  trailItem: (uid: string, collection: Collection, trailId: string, image: TrailImage | null) =>
    `${keys.trail(uid, collection)}${trailId}.${image ? trailImage(image) : 'none'}`,
  tombstone: (uid: string, collection: Collection, imageId: string) =>
    `${keys.trail(uid, collection)}!deleted.${imageId}`,
  cleaned: (uid: string, collection: Collection, day: string) => `${keys.trail(uid, collection)}!cleaned.${day}`,

  /** All prefixes of a person. The first one may be public. */
  everythingOf: (uid: string) => prefixes.toReversed().map((prefix) => `${prefix}${uid}/`),
  epoch: (uid: string) => `users/${uid}/v1/epoch`,
}

/** The image of a trail item. The item's name has all that is needed to show it. */
export interface TrailImage {
  imageId: string
  isAnimated: boolean
}

/** Escapes an ETag, which may be any string, into one path segment. */
function etagSegment(etag: string): string {
  return encodeURIComponent(etag).replaceAll('%', '_')
}

/** Letters in an entry's name. */
export const flags = { originalNotKept: 'o', animated: 'a' } as const

function trailImage({ imageId, isAnimated }: TrailImage): string {
  return isAnimated ? `${imageId}.${flags.animated}` : imageId
}

/** Returns the name of the still image of an animated variant. */
export function posterOf(variant: string): string {
  return `${variant}-poster`
}

/** The data in the name of an entry: all that the gallery grid needs. */
export interface EntryName {
  imageId: string
  /** Sorts newest first. See `revisionAt`. */
  revision: string
  cropId: string
  /** File extension of the original. */
  format: string
  /** Letters of `flags`. Letters of a newer build are ignored and copied to later revisions. */
  flags: string
  alt: string
}

/** The revision that every save writes, retries included. It sorts last. */
export const firstRevision = 'v'.repeat(10)

/** Returns the revision of a description. @param timeMs store time in milliseconds */
export const revisionAt = invertTime

/**
 * Builds the key of an entry. S3 allows 1,024 bytes; 200 characters of alt text in UTF-8 and base64url can exceed that.
 * The alt text is therefore cut to 600 bytes (keys.test.ts builds the longest key).
 */
export function entryKey(uid: string, entry: EntryName): string {
  const alt = Buffer.from(cutToBytes(entry.alt, 600)).toString('base64url')
  const format = entry.flags === '' ? entry.format : `${entry.format}-${entry.flags}`
  return `${keys.entries(uid)}${entry.imageId}.${entry.revision}.${entry.cropId}.${format}.${alt}`
}

const entryPattern = /\/entries\/([a-z][0-9a-v]{42})\.([0-9a-v]{10})\.([0-9a-v]{32})\.([a-z]+)(?:-([a-z]+))?\.([\w-]*)$/

/** Parses an entry's key. Null for a name that this build does not know; it is ignored and never erased. */
export function parseEntryKey(key: string): EntryName | null {
  const [, imageId, revision, cropId, format, letters, alt] = entryPattern.exec(key) ?? []
  if (!imageId || !revision || !cropId || !format) return null
  return {
    imageId,
    revision,
    cropId,
    format,
    flags: letters ?? '',
    alt: Buffer.from(alt ?? '', 'base64url').toString(),
  }
}

type TrailName =
  | { kind: 'item'; trailId: string; image: TrailImage | null }
  | { kind: 'tombstone'; imageId: string }
  | { kind: 'cleaned'; day: string }

const itemPattern = /^([0-9a-v]{20})\.(?:none|([a-z][0-9a-v]{42})(?:\.([a-z]+))?)$/
const markPattern = /^!(deleted|cleaned)\.([0-9a-v-]+)$/

/** Parses a key below a trail's prefix. Null for a name that this build does not know; it is ignored. */
export function parseTrailKey(key: string): TrailName | null {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const [, mark, value] = markPattern.exec(name) ?? []
  if (mark === 'deleted' && value) return { kind: 'tombstone', imageId: value }
  if (mark === 'cleaned' && value) return { kind: 'cleaned', day: value }
  const [, trailId, imageId, letters = ''] = itemPattern.exec(name) ?? []
  if (!trailId) return null
  const image = imageId ? { imageId, isAnimated: letters.includes(flags.animated) } : null
  return { kind: 'item', trailId, image }
}

/** Returns the imageId in the key of a saved file or entry. Null for a name that this build does not know. */
export function imageIdInKey(key: string): string | null {
  return (
    /^(?:media\/[^/]+|users\/[^/]+\/v1\/(?:originals|entries))\/([a-z][0-9a-v]{42})(?:[/.]|$)/.exec(key)?.[1] ?? null
  )
}

/** Returns the uploadId in a key below incoming/<uid>/. */
export function uploadIdInKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function cutToBytes(text: string, bytes: number): string {
  let cut = text
  // Cuts whole code points only: half a surrogate pair does not survive UTF-8.
  while (Buffer.byteLength(cut) > bytes) cut = Array.from(cut).slice(0, -1).join('')
  return cut
}
