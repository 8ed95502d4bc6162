import 'server-only'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { toBase32 } from '@/lib/base32'
import { engineVersion } from '@/lib/images/engine/version'
import { CropId, Recipe, UploadId } from '@/lib/images/schema'
import { getObject, putObject } from '@/lib/s3/objects'
import type { UploadRef } from './image-ref'
import { keys, posterOf } from './keys'

/** What a crop came to. A crop exists if its manifest and all files that it names exist. */
export const Manifest = z.object({
  uploadId: UploadId,
  cropId: CropId,
  recipe: Recipe,
  /** The upload, upright, in pixels; `etag` is the one of the browser's upload. */
  source: z.object({ width: z.int(), height: z.int(), etag: z.string(), format: z.string() }),
  /** If so, each variant has a poster. */
  isAnimated: z.boolean(),
  variants: z.array(z.object({ name: z.string(), width: z.int(), height: z.int(), bytes: z.int() })),
})
export type Manifest = z.infer<typeof Manifest>

/** The names of the rendered files: each variant, and of an animated image a poster of each. */
export function filesOf({ variants, isAnimated }: Pick<Manifest, 'isAnimated'> & NamedVariants): string[] {
  const names = variants.map(({ name }) => name)
  return isAnimated ? [...names, ...names.map(posterOf)] : names
}

interface NamedVariants {
  variants: readonly { name: string }[]
}

/** Derives the id of a crop. The same crop of the same bytes by the same engine has the same id on every host. */
export function cropIdOf(etag: string, recipe: Recipe): string {
  const { area, rotate, flip } = recipe
  const identity = [
    engineVersion,
    etag,
    [area.x, area.y, area.width, area.height],
    rotate,
    [flip.horizontal, flip.vertical],
  ]
  return toBase32(createHash('sha256').update(JSON.stringify(identity)).digest().subarray(0, 20))
}

/** Reads a crop's manifest; null if there is no such crop, or if it has expired. */
export async function readManifest({ bucket, uid, uploadId }: UploadRef, cropId: string): Promise<Manifest | null> {
  const object = await getObject(bucket, keys.manifest(uid, uploadId, cropId), 64 * 1024)
  return object && Manifest.parse(JSON.parse(new TextDecoder().decode(object.bytes)))
}

/** Writes a crop's manifest. */
export function putManifest({ bucket, uid, uploadId }: UploadRef, manifest: Manifest): Promise<void> {
  const key = keys.manifest(uid, uploadId, manifest.cropId)
  return putObject(bucket, key, JSON.stringify(manifest), { contentType: 'application/json' })
}
