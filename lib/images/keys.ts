import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Collection } from './collections'
import { invertTime } from './image-id'

/**
 * Every key of the store is built and read here, from the session's uid and checked ids alone.
 * docs/layout.md describes them for deployers; `v1` is the layout's version.
 *
 *   incoming/<uid>/<imageId>                                         the upload, as sent
 *   incoming/self-check/<random>                                     a host's probe at its start: no uid is "self-check"
 *   drafts/<uid>/<imageId>/original/<etag>                           the copy that is worked on
 *   drafts/<uid>/<imageId>/recipe.json                               where "crop again" starts from
 *   drafts/<uid>/<imageId>/crops/<cropId>/<variant>.webp             a crop, not saved yet
 *   drafts/<uid>/<imageId>/crops/<cropId>/<variant>-poster.webp      … and its first frame, where it moves
 *   drafts/<uid>/<imageId>/crops/<cropId>/manifest.json              … which exists once this does
 *   drafts/<uid>/<imageId>/votes/<round>.<for|proposed>.<cropId>[.o]   how racing saves agree which of them stands
 *   drafts/<uid>/<imageId>/votes/<round>.contested
 *   drafts/<uid>/<imageId>/tombstone                                 deleted: nothing may be saved here any more
 *   users/<uid>/v1/images/<imageId>/<cropId>/original                private; unless the person does not keep it
 *   users/<uid>/v1/images/<imageId>/<cropId>/recipe.json
 *   users/<uid>/v1/entries/<imageId>.<revision>.<cropId>.<format>[-<flags>].<savedAt>.<alt>
 *   users/<uid>/v1/trail/<code>/<trailId>.<imageId>.<cropId>[.<flags>]   what was current, newest first
 *   users/<uid>/v1/trail/<code>/<trailId>.none                       … and when nothing was
 *   users/<uid>/v1/trail/<code>/!save.<imageId>.<cropId>[.<flags>]   a save under way; sorts before the trail
 *   users/<uid>/v1/trail/<code>/!delete.<imageId>                    a deletion of the last 48 hours
 *   media/<uid>/<imageId>/<cropId>/<variant>[-poster].webp           saved variants, immutable
 */
export const keys = {
  incomingOf: (uid: string) => `incoming/${uid}/`,
  upload: (uid: string, imageId: string) => `incoming/${uid}/${imageId}`,
  probes: 'incoming/self-check/',
  probe: () => `${keys.probes}${randomUUID()}`,

  draft: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/`,
  workingCopies: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/original/`,
  workingCopy: (uid: string, imageId: string, etag: string) => `drafts/${uid}/${imageId}/original/${etagSegment(etag)}`,
  draftRecipe: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/recipe.json`,
  draftVariant: (uid: string, imageId: string, cropId: string, variant: string) =>
    `drafts/${uid}/${imageId}/crops/${cropId}/${variant}.webp`,
  manifest: (uid: string, imageId: string, cropId: string) => `drafts/${uid}/${imageId}/crops/${cropId}/manifest.json`,
  votes: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/votes/`,
  vote: (uid: string, imageId: string, round: number, save: VotedSave) =>
    `${keys.votes(uid, imageId)}${round}.for.${votedSave(save)}`,
  proposal: (uid: string, imageId: string, round: number, save: VotedSave) =>
    `${keys.votes(uid, imageId)}${round}.proposed.${votedSave(save)}`,
  contested: (uid: string, imageId: string, round: number) => `${keys.votes(uid, imageId)}${round}.contested`,
  tombstone: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/tombstone`,
  /** Of a draft tombstone and votes sort behind this key, and all else before it. */
  beforeTombstone: (uid: string, imageId: string) => `drafts/${uid}/${imageId}/t`,

  saved: (uid: string, imageId: string) => `users/${uid}/v1/images/${imageId}/`,
  original: (uid: string, imageId: string, cropId: string) => `users/${uid}/v1/images/${imageId}/${cropId}/original`,
  recipe: (uid: string, imageId: string, cropId: string) => `users/${uid}/v1/images/${imageId}/${cropId}/recipe.json`,

  media: (uid: string, imageId: string) => `media/${uid}/${imageId}/`,
  variant: (uid: string, imageId: string, cropId: string, variant: string) =>
    `media/${uid}/${imageId}/${cropId}/${variant}.webp`,

  entries: (uid: string) => `users/${uid}/v1/entries/`,
  entriesOf: (uid: string, collection: Collection) => `users/${uid}/v1/entries/${collection.code}`,
  entriesOfImage: (uid: string, imageId: string) => `users/${uid}/v1/entries/${imageId}.`,

  trail: (uid: string, collection: Collection) => `users/${uid}/v1/trail/${collection.code}/`,
  trailItem: (
    uid: string,
    collection: Collection,
    trailId: string,
    image: { imageId: string; cropId: string; isAnimated: boolean } | null,
  ) => `${keys.trail(uid, collection)}${trailId}.${image ? trailImage(image) : 'none'}`,
  savePending: (
    uid: string,
    collection: Collection,
    { imageId, cropId, keepsOriginal }: { imageId: string; cropId: string; keepsOriginal: boolean },
  ) => `${keys.trail(uid, collection)}!save.${imageId}.${cropId}${keepsOriginal ? '' : `.${flags.originalNotKept}`}`,
  deletePending: (uid: string, collection: Collection, imageId: string) =>
    `${keys.trail(uid, collection)}!delete.${imageId}`,
}

interface VotedSave {
  cropId: string
  keepsOriginal: boolean
}

function votedSave({ cropId, keepsOriginal }: VotedSave): string {
  return keepsOriginal ? cropId : `${cropId}.${flags.originalNotKept}`
}

/** ETags are opaque to us; anything that is not plain is escaped, so that it stays one path segment. */
function etagSegment(etag: string): string {
  return encodeURIComponent(etag).replaceAll('%', '_')
}

/** What a letter in a name says of a picture that is not as pictures usually are. */
export const flags = { originalNotKept: 'o', animated: 'a' } as const

function trailImage({ imageId, cropId, isAnimated }: { imageId: string; cropId: string; isAnimated: boolean }): string {
  return `${imageId}.${cropId}${isAnimated ? `.${flags.animated}` : ''}`
}

/** The name of the still that stands beside a variant that moves. */
export function posterOf(variant: string): string {
  return `${variant}-poster`
}

/** What the name of an entry carries: all that a grid needs. */
export interface EntryName {
  imageId: string
  cropId: string
  /** File name ending of the original. */
  format: string
  /** Letters, see `flags`. Those that only a newer version of the app knows mean nothing here, and are carried along. */
  flags: string
  /** Milliseconds of store time; null in the first revision, whose own time is the time of saving. */
  savedAt: number | null
  alt: string
}

/** The first revision sorts last, so that a later one is found first. It is the same however often it is written. */
const firstRevision = 'v'.repeat(10)

/**
 * The key of an entry. S3 allows 1,024 bytes; an alt text of 200 characters in UTF-8 and base64url could pass
 * that, so it is cut at 600 bytes (entry-name tests show the worst case).
 * @param revisedAt milliseconds of store time when the alt text was changed; omitted for the first revision
 */
export function entryKey(uid: string, entry: EntryName, revisedAt?: number): string {
  const revision = revisedAt === undefined ? firstRevision : invertTime(revisedAt)
  const savedAt = entry.savedAt === null ? '' : entry.savedAt.toString(36)
  const alt = Buffer.from(cutToBytes(entry.alt, 600)).toString('base64url')
  const format = entry.flags === '' ? entry.format : `${entry.format}-${entry.flags}`
  return `${keys.entries(uid)}${entry.imageId}.${revision}.${entry.cropId}.${format}.${savedAt}.${alt}`
}

const entryPattern =
  /\/entries\/([a-z][0-9a-v]{26})\.[0-9a-v]{10}\.([0-9a-v]{32})\.([a-z]+)(?:-([a-z]+))?\.([0-9a-z]*)\.([\w-]*)$/

/** Reads an entry's key. @throws when it is none: the store then holds what this app never wrote */
export function parseEntryKey(key: string): EntryName {
  const [, imageId, cropId, format, letters, savedAt, alt] = entryPattern.exec(key) ?? []
  if (!imageId || !cropId || !format) throw new Error(`not an entry: ${key}`)
  return {
    imageId,
    cropId,
    format,
    flags: letters ?? '',
    savedAt: savedAt ? Number.parseInt(savedAt, 36) : null,
    alt: Buffer.from(alt ?? '', 'base64url').toString(),
  }
}

/** One name below a trail's prefix. */
export type TrailName =
  | { kind: 'item'; trailId: string; imageId: string; cropId: string; isAnimated: boolean }
  | { kind: 'none'; trailId: string }
  | { kind: 'save-pending'; imageId: string; cropId: string; keepsOriginal: boolean }
  | { kind: 'delete-pending'; imageId: string }

/** Reads a key below a trail's prefix. @throws when it is none of the four */
export function parseTrailKey(key: string): TrailName {
  const [first = '', imageId, cropId, letters = ''] = key.slice(key.lastIndexOf('/') + 1).split('.')
  if (first === '!save' && imageId && cropId) {
    return { kind: 'save-pending', imageId, cropId, keepsOriginal: !letters.includes(flags.originalNotKept) }
  }
  if (first === '!delete' && imageId) return { kind: 'delete-pending', imageId }
  if (imageId === 'none') return { kind: 'none', trailId: first }
  if (imageId && cropId) {
    return { kind: 'item', trailId: first, imageId, cropId, isAnimated: letters.includes(flags.animated) }
  }
  throw new Error(`not a name of the trail: ${key}`)
}

/** Whether a key is of a kept original. */
export function isOriginal(key: string): boolean {
  return key.endsWith('/original')
}

/** The imageId that a key below incoming/<uid>/ is of. */
export function uploadIdOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function cutToBytes(text: string, bytes: number): string {
  let cut = text
  // Whole code points only: half a surrogate pair would not come back as it was.
  while (Buffer.byteLength(cut) > bytes) cut = Array.from(cut).slice(0, -1).join('')
  return cut
}
