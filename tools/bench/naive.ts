import sharp from 'sharp'
import type { Variant } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'

// Here the same file is read again and again. A cache would answer what it never could in real life.
sharp.cache(false)

/**
 * Crops as one would at first: each variant from the file, upright, cut, resized, encoded with what sharp takes by
 * itself (effort 4). Only for recipes that do not turn or flip.
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
