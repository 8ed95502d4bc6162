import sharp from 'sharp'
import type { Variant } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'

// The bench reads the same file again and again. Real files differ, so a cache would be unfair.
sharp.cache(false)

/**
 * Crops the obvious way: for each variant, reads the file, turns it upright, cuts, resizes, and encodes with sharp's
 * default (effort 4). Supports only recipes without rotation and flip.
 */
export async function renderNaively(file: string, { area }: Recipe, variants: readonly Variant[]): Promise<Buffer[]> {
  const rendered: Buffer[] = []
  for (const { width, height } of variants) {
    rendered.push(
      await sharp(file)
        .autoOrient()
        .extract({ left: area.x, top: area.y, width: area.width, height: area.height })
        .resize(width, height, { fit: 'fill' })
        .webp({ quality: 82, effort: 4 })
        .toBuffer(),
    )
  }
  return rendered
}
