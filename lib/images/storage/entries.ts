import 'server-only'
import { z } from 'zod'
import { Recipe } from '@/lib/images/schema'
import { getObject, type ListedObject, listObjects, putObject } from '@/lib/s3/objects'
import type { ImageRef, UploadRef } from './image-ref'
import { type EntryName, entryKey, flags, keys, parseEntryKey } from './keys'

/** A saved image, parsed from the key of its entry. An image is saved if, and only if, it has an entry. */
export interface Entry extends EntryName {
  key: string
  keepsOriginal: boolean
  isAnimated: boolean
}

/** The JSON body of an entry. */
const EntryBody = z.object({ recipe: Recipe })
type EntryBody = z.infer<typeof EntryBody>

/** Lists the entries of an image, newest revision first. Empty if it is not saved. */
export async function readEntries({ bucket, uid, imageId }: ImageRef): Promise<Entry[]> {
  return toEntries((await listObjects(bucket, keys.entriesOfImage(uid, imageId), 1000)).objects)
}

/** Lists the entries of all images that were cropped from an upload. */
export async function readEntriesOfUpload({ bucket, uid, uploadId }: UploadRef): Promise<Entry[]> {
  return toEntries((await listObjects(bucket, keys.entriesOfUpload(uid, uploadId), 1000)).objects)
}

/** Parses listed entries. Ignores names that this build does not know. */
export function toEntries(objects: Pick<ListedObject, 'key'>[]): Entry[] {
  return objects.flatMap(({ key }) => {
    const name = parseEntryKey(key)
    return name ? [toEntry(key, name)] : []
  })
}

function toEntry(key: string, name: EntryName): Entry {
  return {
    ...name,
    key,
    keepsOriginal: !name.flags.includes(flags.originalNotKept),
    isAnimated: name.flags.includes(flags.animated),
  }
}

/** Returns the newest revision of each image. @param entries in listed order */
export function newestRevisions(entries: Entry[]): Entry[] {
  return entries.filter(({ imageId }, index) => entries[index - 1]?.imageId !== imageId)
}

/** Writes and returns an entry. This commits a save: the image is saved from now on. */
export async function putEntry({ bucket, uid }: ImageRef, name: EntryName, body: EntryBody): Promise<Entry> {
  const key = entryKey(uid, name)
  await putObject(bucket, key, JSON.stringify(body), { contentType: 'application/json' })
  return toEntry(key, name)
}

/** Reads the body of an entry; null if the entry no longer exists. */
export async function readEntryBody({ bucket }: ImageRef, { key }: Entry): Promise<EntryBody | null> {
  const object = await getObject(bucket, key, 64 * 1024)
  return object && EntryBody.parse(JSON.parse(new TextDecoder().decode(object.bytes)))
}
