import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { listObjects } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { type EntryName, flags, keys, parseEntryKey } from './keys'
import { isSameSave, isUnsettled, readTrail, type Trail, type TrailImage } from './trail'

/** A saved picture, as its entry's name tells it. */
export interface Entry extends EntryName {
  key: string
  savedAt: number
  keepsOriginal: boolean
  isAnimated: boolean
}

/** Reads a listed entry. The first revision's own time is the time of saving. */
export function entryOf(object: { key: string; lastModified: Date }): Entry {
  const name = parseEntryKey(object.key)
  return {
    ...name,
    key: object.key,
    savedAt: name.savedAt ?? object.lastModified.getTime(),
    keepsOriginal: !name.flags.includes(flags.originalNotKept),
    isAnimated: name.flags.includes(flags.animated),
  }
}

/** All entries of an image, the newest revision first. Empty: the image is not saved. */
export async function readEntries(image: Addressed): Promise<Entry[]> {
  const page = await listObjects(image.bucket, keys.entriesOfImage(image.uid, image.imageId), 100)
  return page.objects.map(entryOf)
}

/** The entry of an image that counts, or null: the image is not saved. */
export async function readEntry(image: Addressed): Promise<Entry | null> {
  const entries = await readEntries(image)
  const isPlain = entries.every((entry) => entries[0] && isSameSave(entry, entries[0]))
  if (isPlain) return entries[0] ?? null
  return pickEntry(entries, await readTrail(image.bucket, image.uid, image.collection)) ?? null
}

/**
 * Of an image's entries the one that counts: the newest revision. Where two different saves ran against each other and
 * one was killed before it stepped back, that one still has its mark; the other may have been acknowledged.
 */
export function pickEntry(entries: Entry[], trail: Trail): Entry | undefined {
  return entries.find((entry) => !isUnsettled(trail, entry)) ?? entries[0]
}

/** Whether an unsettled item of a trail counts: of its image's entries the one that counts is of that crop. */
export async function isShown(
  bucket: Bucket,
  uid: string,
  trail: Trail,
  { imageId, cropId }: TrailImage,
): Promise<boolean> {
  const page = await listObjects(bucket, keys.entriesOfImage(uid, imageId), 100)
  return pickEntry(page.objects.map(entryOf), trail)?.cropId === cropId
}

/** Whether a crop's entry stands, by asking the store. */
export async function hasEntry(bucket: Bucket, uid: string, { imageId, cropId }: TrailImage): Promise<boolean> {
  const page = await listObjects(bucket, keys.entriesOfImage(uid, imageId), 100)
  return page.objects.some((object) => entryOf(object).cropId === cropId)
}
