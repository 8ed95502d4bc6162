import 'server-only'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { toBase32 } from '@/lib/base32'
import { engineVersion } from '@/lib/images/engine/version'
import type { Size } from '@/lib/images/geometry'
import { CropId, Recipe, UploadId } from '@/lib/images/schema'
import { getObject, putObject } from '@/lib/s3/objects'
import type { UploadRef } from './image-ref'
import { keys, posterOf } from './keys'

/** The description of a rendered crop. A crop exists if its manifest and all files of the manifest exist. */
export const Manifest = z.object({
  uploadId: UploadId,
  cropId: CropId,
  recipe: Recipe,
  /** Upright size of the upload in pixels, and its ETag in `incoming/`. */
  source: z.object({ width: z.int(), height: z.int(), etag: z.string(), format: z.string() }),
  /** Each variant of an animated image has a poster. */
  isAnimated: z.boolean(),
  variants: z.array(z.object({ name: z.string(), width: z.int(), height: z.int(), bytes: z.int() })),
})
export type Manifest = z.infer<typeof Manifest>

/** Returns the names of the rendered files: the variants and, for an animated image, their posters. */
export function filesOf({ variants, isAnimated }: { variants: readonly { name: string }[]; isAnimated: boolean }) {
  const names = variants.map(({ name }) => name)
  return isAnimated ? [...names, ...names.map(posterOf)] : names
}

/** Derives the id of a crop. It is the same on every host for the same bytes, recipe, shown size and engine version. */
export function cropIdOf(etag: string, recipe: Recipe, shown?: Size): string {
  const { area, rotate, flip } = recipe
  const rectangle = [area.x, area.y, area.width, area.height]
  const identity = [engineVersion, etag, rectangle, rotate, [flip.horizontal, flip.vertical]]
  if (shown) identity.push([shown.width, shown.height])
  return toBase32(createHash('sha256').update(JSON.stringify(identity)).digest().subarray(0, 20))
}

/** Reads a crop's manifest; null if the crop does not exist or has expired. */
export async function readManifest({ bucket, uid, uploadId }: UploadRef, cropId: string): Promise<Manifest | null> {
  const object = await getObject(bucket, keys.manifest(uid, uploadId, cropId), 64 * 1024)
  return object && Manifest.parse(JSON.parse(new TextDecoder().decode(object.bytes)))
}

/** Writes a crop's manifest. */
export function putManifest({ bucket, uid, uploadId }: UploadRef, manifest: Manifest): Promise<void> {
  const key = keys.manifest(uid, uploadId, manifest.cropId)
  return putObject(bucket, key, JSON.stringify(manifest), { contentType: 'application/json' })
}
