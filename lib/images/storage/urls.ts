import 'server-only'
import { env } from '@/lib/env'
import type { Variant } from '@/lib/images/collections'
import type { CropAnswer, SavedImage, ShownVariant } from '@/lib/images/schema'
import { presignGet } from '@/lib/s3/presign'
import { publicBaseUrl } from './bucket-name'
import type { Entry } from './entries'
import { issuedAt, uploadIdOf } from './ids'
import type { ImageRef, UploadRef } from './image-ref'
import { keys, posterOf } from './keys'
import type { Manifest } from './manifest'

/** Returns an unsaved crop with presigned URLs of its variants. Signing is local and costs no request. */
export async function showDraft(upload: UploadRef, manifest: Manifest): Promise<CropAnswer> {
  const { uid, uploadId, bucket } = upload
  const { cropId, source } = manifest
  const urlOf = (file: string) =>
    presignGet(bucket, keys.draftVariant(uid, uploadId, cropId, file), { isImmutable: true })
  const variants = manifest.variants.map(async (variant) => ({
    ...variant,
    url: await urlOf(variant.name),
    ...(manifest.isAnimated && { posterUrl: await urlOf(posterOf(variant.name)) }),
  }))
  const { width, height, etag } = source
  return { uploadId, cropId, source: { width, height, etag }, variants: await Promise.all(variants) }
}

/** Returns a saved image with all its URLs. Costs no request: keys follow from ids, and signing is local. */
export async function showSaved(image: ImageRef, entry: Entry, isCurrent: boolean): Promise<SavedImage> {
  const { uid, imageId, bucket, collection } = image
  const savedAt = new Date(issuedAt(imageId)).toISOString()
  const fileName = `${collection.name}-${savedAt.slice(0, 19).replaceAll(':', '-')}`
  const original = entry.keepsOriginal && {
    url: await presignGet(bucket, keys.original(uid, imageId), {
      downloadName: `${fileName}-original.${entry.format}`,
    }),
  }
  const variants = collection.variants.map(async (variant) => ({
    ...(await showVariant(image, entry, variant)),
    downloadUrl: await presignGet(bucket, keys.variant(uid, imageId, variant.name), {
      downloadName: `${fileName}-${variant.name}.webp`,
    }),
  }))
  return {
    imageId,
    uploadId: uploadIdOf(uid, imageId),
    cropId: entry.cropId,
    collection: collection.name,
    savedAt,
    alt: entry.alt,
    current: isCurrent,
    original: original || null,
    variants: await Promise.all(variants),
  }
}

/** Returns a saved variant with its URL: below the public base URL if one is configured, else presigned. */
export async function showVariant(
  image: ImageRef,
  { isAnimated }: { isAnimated: boolean },
  variant: Variant,
): Promise<ShownVariant> {
  const base = publicBaseUrl(env(), image.collection)
  const urlOf = async (file: string) => {
    const key = keys.variant(image.uid, image.imageId, file)
    return base ? `${base}/${key}` : presignGet(image.bucket, key, { isImmutable: true })
  }
  const url = await urlOf(variant.name)
  return { ...variant, url, ...(isAnimated && { posterUrl: await urlOf(posterOf(variant.name)) }) }
}
