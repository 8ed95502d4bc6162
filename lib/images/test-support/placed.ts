import { createUploadId, imageIdOf } from '@/lib/images/storage/ids'
import type { Owner } from '@/lib/images/storage/image-ref'
import { entryKey, firstRevision, keys } from '@/lib/images/storage/keys'
import { world } from './shared-world'
import type { Host } from './world'

/** Objects that a test writes directly: quicker than steps, or as late requests and other builds of the app leave them. */

/** The id of an image of an upload that was issued at T. @param crop makes different images of one upload differ */
export function imageIdAt(host: Host, owner: Owner, storeTimeMs: number, crop = 'c'): string {
  const uploadId = createUploadId(owner.uid, host.avatars, storeTimeMs)
  return imageIdOf(owner.uid, uploadId, crop.repeat(32).slice(0, 32), true)
}

/** The key of the first entry of an image. */
export function entryOf(owner: Owner, imageId: string): string {
  const name = { imageId, revision: firstRevision, cropId: 'c'.repeat(32), format: 'jpg', flags: '', alt: '' }
  return entryKey(owner.uid, name)
}

/** Writes the entry of an image, with a recipe. */
export async function placeEntry(owner: Owner, imageId: string, key = entryOf(owner, imageId)): Promise<void> {
  const recipe = {
    area: { x: 0, y: 0, width: 50, height: 50 },
    rotate: 0,
    flip: { horizontal: false, vertical: false },
  }
  await world.place(key, JSON.stringify({ recipe }))
}

/**
 * Writes the entries of saved images, without their files.
 * @param firstMs T of the oldest one; each further one is a millisecond younger
 * @returns their ids, oldest first
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

/** The keys of the files of a saved image whose original is kept. */
export function filesOfImage(host: Host, { uid }: Owner, imageId: string): string[] {
  return [...host.avatars.variants.map(({ name }) => keys.variant(uid, imageId, name)), keys.original(uid, imageId)]
}

/** Writes the files of an image, as copies that a save has made. */
export async function placeFiles(host: Host, owner: Owner, imageId: string): Promise<void> {
  await Promise.all(filesOfImage(host, owner, imageId).map((key) => world.place(key, 'copy')))
}

/** Writes the tombstone of an image. */
export function placeTombstone(host: Host, { uid }: Owner, imageId: string): Promise<void> {
  return world.place(keys.tombstone(uid, host.avatars, imageId))
}

/** Lists what is kept of a person: all but uploads and drafts. */
export async function keptOf({ uid }: Owner): Promise<string[]> {
  return (await Promise.all([world.keys(`users/${uid}/`), world.keys(`media/${uid}/`)])).flat()
}

/** Whether a key is one of the trail's items, which stay for good, or the mark of a day's cleanup. */
export const isHistory = (key: string) => /\/trail\/[a-z]\/([0-9a-v]{20}\.|!cleaned\.)/.test(key)

/** Lists what is kept of a person but the history of the trail. */
export async function keptBesidesHistory(owner: Owner): Promise<string[]> {
  return (await keptOf(owner)).filter((key) => !isHistory(key))
}
