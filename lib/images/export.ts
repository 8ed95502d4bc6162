import 'server-only'
import pMap from 'p-map'
import { ok, type Result } from '@/lib/result'
import { presignGet } from '@/lib/s3/presign'
import type { Collection } from './collections'
import { loadTrail } from './current'
import { listGallery } from './gallery'
import type { ExportedImage, ExportPage } from './schema'
import { type Entry, readEntryBody } from './storage/entries'
import { issuedAt } from './storage/ids'
import { type ImageRef, type Owner, resolveImage } from './storage/image-ref'
import { keys } from './storage/keys'
import { filesOf } from './storage/manifest'
import { countImages } from './storage/quota'
import { isCurrent, type Trail } from './storage/trail'

/** Images on a page of an export. Each costs one request to the store, for its recipe. */
const pageSize = 25
const parallelReads = 8

/**
 * Lists a page of a person's images with everything that belongs to them: all files, by URLs that expire, and the recipe
 * (security S37).
 * Errors: `invalid_request` (cursor).
 */
export async function exportImages(
  owner: Owner,
  collection: Collection,
  cursor: string | null,
): Promise<Result<ExportPage>> {
  const reading = loadTrail(owner, collection)
  const [gallery, trail, total] = await Promise.all([
    listGallery(owner, collection, reading, { cursor, limit: pageSize }),
    reading,
    cursor === null ? countImages(owner) : null,
  ])
  if (!gallery.ok) return gallery
  const { page, entries } = gallery.value
  const images = await pMap(entries, (entry) => exportImage(owner, entry, trail), { concurrency: parallelReads })
  return ok({ images: images.filter((image) => image !== null), nextCursor: page.nextCursor, total })
}

async function exportImage(owner: Owner, entry: Entry, trail: Trail): Promise<ExportedImage | null> {
  const image = resolveImage(owner, entry.imageId)
  if (!image) return null
  const { imageId, cropId, alt } = entry
  const savedAt = new Date(issuedAt(imageId)).toISOString()
  // The end of the id tells images of one upload apart.
  const folder = `${image.collection.name}/${savedAt.slice(0, 19).replaceAll(':', '-')}-${imageId.slice(-6)}`
  const [body, files] = await Promise.all([readEntryBody(image, entry), exportFiles(image, entry, folder)])
  return {
    imageId,
    collection: image.collection.name,
    savedAt,
    cropId,
    alt,
    current: isCurrent(trail, imageId),
    recipe: body?.recipe ?? null,
    files,
  }
}

function exportFiles({ bucket, uid, imageId, collection }: ImageRef, entry: Entry, folder: string) {
  const variants = filesOf({ variants: collection.variants, isAnimated: entry.isAnimated })
  const stored = variants.map((file) => ({ name: `${file}.webp`, key: keys.variant(uid, imageId, file) }))
  if (entry.keepsOriginal) stored.unshift({ name: `original.${entry.format}`, key: keys.original(uid, imageId) })
  return Promise.all(
    // Presigned also where a CDN serves the variants: scripts of this site may read from the store.
    stored.map(async ({ name, key }) => {
      const url = await presignGet(bucket, key, { downloadName: name })
      return { name: `${folder}/${name}`, url }
    }),
  )
}
