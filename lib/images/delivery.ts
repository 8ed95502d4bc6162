import 'server-only'
import { env } from '@/lib/env'
import { presignGet } from '@/lib/s3/presign'
import type { Addressed } from './addressed'
import { publicBaseUrl } from './bucket-name'
import { keys, posterOf } from './keys'
import type { Manifest } from './manifest'
import type { CropAnswer, SavedImage, ShownVariant } from './schema'

/** Variants of a crop that is not saved yet, straight from the store. */
export async function showDraft(image: Addressed, manifest: Manifest): Promise<CropAnswer> {
  const { imageId, cropId, source } = manifest
  const urlOf = (file: string) => presignGet(image.bucket, keys.draftVariant(image.uid, imageId, cropId, file))
  const variants = manifest.variants.map(async (variant) => ({
    ...variant,
    url: await urlOf(variant.name),
    ...(manifest.isAnimated && { posterUrl: await urlOf(posterOf(variant.name)) }),
  }))
  const { width, height, etag } = source
  return { imageId, cropId, source: { width, height, etag }, variants: await Promise.all(variants) }
}

/** What `showSaved` needs to know of a saved picture. */
export interface Saved {
  cropId: string
  format: string
  keepsOriginal: boolean
  isAnimated: boolean
  /** Milliseconds. */
  savedAt: number
  alt: string
  isCurrent: boolean
}

/** A saved picture with all its URLs. Costs no request: keys follow from ids, and signing is local. */
export async function showSaved(image: Addressed, saved: Saved): Promise<SavedImage> {
  const { uid, imageId, bucket, collection } = image
  const savedAt = new Date(saved.savedAt).toISOString()
  const fileName = `${collection.name}-${savedAt.slice(0, 19).replaceAll(':', '-')}`
  const originalKey = keys.original(uid, imageId, saved.cropId)
  const original = saved.keepsOriginal && {
    url: await presignGet(bucket, originalKey, `${fileName}-original.${saved.format}`),
  }
  const variants = collection.variants.map(async (variant) => ({
    ...(await showVariant(image, saved, variant)),
    downloadUrl: await presignGet(
      bucket,
      keys.variant(uid, imageId, saved.cropId, variant.name),
      `${fileName}-${variant.name}.webp`,
    ),
  }))
  return {
    imageId,
    cropId: saved.cropId,
    collection: collection.name,
    savedAt,
    alt: saved.alt,
    current: saved.isCurrent,
    original: original || null,
    variants: await Promise.all(variants),
  }
}

/** A saved variant: by the public base URL where the deployment has one, else presigned. */
export async function showVariant(
  image: Addressed,
  { cropId, isAnimated }: { cropId: string; isAnimated: boolean },
  variant: { name: string; width: number; height: number },
): Promise<ShownVariant> {
  const base = publicBaseUrl(env(), image.collection)
  const urlOf = async (file: string) => {
    const key = keys.variant(image.uid, image.imageId, cropId, file)
    return base ? `${base}/${key}` : presignGet(image.bucket, key)
  }
  const url = await urlOf(variant.name)
  return { ...variant, url, ...(isAnimated && { posterUrl: await urlOf(posterOf(variant.name)) }) }
}
