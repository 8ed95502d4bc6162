import { createUploadId, imageIdOf } from '@/lib/images/storage/ids'
import type { Owner } from '@/lib/images/storage/image-ref'
import { entryKey, firstRevision, keys } from '@/lib/images/storage/keys'
import { world } from './shared-world'
import type { Host } from './world'

/** Writes objects directly: faster than real steps, and like late requests or other builds of the app. */

/** Returns the id of an image of a new upload. @param storeTimeMs T @param crop a character of its cropId */
export function imageIdAt(host: Host, owner: Owner, storeTimeMs: number, crop = 'c'): string {
  const uploadId = createUploadId(owner.uid, host.avatars, storeTimeMs)
  return imageIdOf(owner.uid, uploadId, crop.repeat(32).slice(0, 32), true)
}

/** Returns the key of an image's first entry. */
export function entryOf(owner: Owner, imageId: string): string {
  const name = { imageId, revision: firstRevision, cropId: 'c'.repeat(32), format: 'jpg', flags: '', alt: '' }
  return entryKey(owner.uid, name)
}

/** Writes an entry of an image. */
export async function placeEntry(owner: Owner, imageId: string, key = entryOf(owner, imageId)): Promise<void> {
  const recipe = {
    area: { x: 0, y: 0, width: 50, height: 50 },
    rotate: 0,
    flip: { horizontal: false, vertical: false },
  }
  await world.place(key, JSON.stringify({ recipe }))
}

/**
 * Writes the entries of saved images without their files.
 * @param firstMs T of the oldest image; each next one is a millisecond newer
 * @returns the imageIds, oldest first
 */
export async function placeEntries(
  host: Host,
  owner: Owner,
  count: number,
  firstMs = world.storeNow() - 60_000,
): Promise<string[]> {
  const imageIds = Array.from({ length: count }, (_, at) => imageIdAt(host, owner, Math.floor(firstMs) + at))
  for (let start = 0; start < count; start += 20) {
    await Promise.all(imageIds.slice(start, start + 20).map((imageId) => placeEntry(owner, imageId)))
  }
  return imageIds
}

/** Returns the keys of a saved image's variants and original. */
export function filesOfImage(host: Host, { uid }: Owner, imageId: string): string[] {
  return [...host.avatars.variants.map(({ name }) => keys.variant(uid, imageId, name)), keys.original(uid, imageId)]
}

/** Writes the files of an image, like the copies of a save. */
export async function placeFiles(host: Host, owner: Owner, imageId: string): Promise<void> {
  await Promise.all(filesOfImage(host, owner, imageId).map((key) => world.place(key, 'copy')))
}

/** Writes the tombstone of an image. */
export function placeTombstone(host: Host, { uid }: Owner, imageId: string): Promise<void> {
  return world.place(keys.tombstone(uid, host.avatars, imageId))
}

/** Lists all objects of a person except uploads and drafts. */
export async function keptOf({ uid }: Owner): Promise<string[]> {
  return (await Promise.all([world.keys(`users/${uid}/`), world.keys(`media/${uid}/`)])).flat()
}

/** Returns whether a key is a trail item, which is permanent, or the mark of a day's cleanup. */
export const isHistory = (key: string) => /\/trail\/[a-z]\/([0-9a-v]{20}\.|!cleaned\.)/.test(key)

/** Lists all objects of a person except uploads, drafts, trail items and cleanup marks. */
export async function keptBesidesHistory(owner: Owner): Promise<string[]> {
  return (await keptOf(owner)).filter((key) => !isHistory(key))
}
