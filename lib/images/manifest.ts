import 'server-only'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { toBase32 } from '@/lib/base32'
import { getObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { keys, posterOf } from './keys'
import { CropId, ImageId, Recipe } from './schema'
import { engineVersion } from './transform/render'

/** What a crop came to: written last, so a crop without a manifest does not exist. */
export const Manifest = z.object({
  imageId: ImageId,
  cropId: CropId,
  recipe: Recipe,
  /** The upload, upright; `etag` is the one that the browser's upload had. */
  source: z.object({ width: z.int(), height: z.int(), etag: z.string(), format: z.string() }),
  /** Then each variant has a poster beside it. */
  isAnimated: z.boolean(),
  variants: z.array(z.object({ name: z.string(), width: z.int(), height: z.int(), bytes: z.int() })),
})
export type Manifest = z.infer<typeof Manifest>

/** The names of what was rendered: each variant, and of a picture that moves a poster of each. */
export function filesOf({ variants, isAnimated }: Manifest): string[] {
  const names = variants.map(({ name }) => name)
  return isAnimated ? [...names, ...names.map(posterOf)] : names
}

/** The same crop of the same bytes by the same engine has the same id, on any host, however often it is made. */
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

/** A crop's manifest with the store's time of it, or null: no such crop, or it has expired. */
export async function readManifest(
  image: Addressed,
  cropId: string,
): Promise<{ manifest: Manifest; writtenAt: Date } | null> {
  const object = await getObject(image.bucket, keys.manifest(image.uid, image.imageId, cropId), 64 * 1024)
  if (!object) return null
  return {
    manifest: Manifest.parse(JSON.parse(new TextDecoder().decode(object.bytes))),
    writtenAt: object.lastModified,
  }
}

/**
 * Whether a crop is still to be saved: for 47 of the 48 hours that it is kept, by the store's clock. So a save never
 * races the draft's expiry, and a tombstone, kept for 48 hours too, outlives every draft that was there before it.
 */
export function isSavable(writtenAt: Date, storeNowMs: number): boolean {
  return storeNowMs - writtenAt.getTime() < savableMs
}

const savableMs = 47 * 60 * 60 * 1000

/** A recipe that was kept, or null. */
export async function readRecipe(image: Addressed, key: string): Promise<Recipe | null> {
  const object = await getObject(image.bucket, key, 64 * 1024)
  return object && Recipe.parse(JSON.parse(new TextDecoder().decode(object.bytes)))
}
