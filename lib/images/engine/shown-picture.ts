import { canvasSize, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { type Orientation, orientedSize } from './orientation'

/** How a browser shows a picture. */
export interface ShownPicture {
  /** Size in pixels that a recipe refers to. */
  upright: Size
  /** The transformation that makes the stored pixels upright. */
  orientation: Orientation
}

/**
 * Finds out how a browser shows a picture, from the size that it reports. Browsers differ: some apply the EXIF
 * orientation of a WebP or the resolution in EXIF (HTML, "density-corrected natural width and height"), others do not.
 * @param orientations the possible orientations, the usual one first
 * @param shown the reported size; undefined selects the usual one
 * @returns null if no orientation gives this size, or its shape
 */
export function findShownPicture(
  stored: Size,
  orientations: readonly [Orientation, ...Orientation[]],
  shown?: Size,
): ShownPicture | null {
  const usual = { upright: orientedSize(stored, orientations[0]), orientation: orientations[0] }
  if (!shown) return usual
  const possible = orientations.map((orientation) => ({ upright: orientedSize(stored, orientation), orientation }))
  const exact = possible.find(({ upright }) => upright.width === shown.width && upright.height === shown.height)
  if (exact) return exact
  const scaled = possible.find(({ upright }) => hasShape(shown, upright))
  return scaled ? { upright: shown, orientation: scaled.orientation } : null
}

/** Returns whether a size is another, scaled and rounded to whole pixels. */
function hasShape(size: Size, other: Size): boolean {
  const scale = Math.max(size.width, size.height) / Math.max(other.width, other.height)
  return Math.abs(size.width - other.width * scale) <= 1 && Math.abs(size.height - other.height * scale) <= 1
}

/** Scales a recipe from the size that the browser shows to the size of the upright pixels. */
export function scaleRecipe(recipe: Recipe, shown: Size, pixels: Size): Recipe {
  if (shown.width === pixels.width && shown.height === pixels.height) return recipe
  const canvas = canvasSize(pixels, recipe.rotate)
  const scale = Math.max(pixels.width, pixels.height) / Math.max(shown.width, shown.height)
  const [x, width] = scaleRange(recipe.area.x, recipe.area.width, scale, canvas.width)
  const [y, height] = scaleRange(recipe.area.y, recipe.area.height, scale, canvas.height)
  return { ...recipe, area: { x, y, width, height } }
}

/** Scales a range and rounds it to at least one whole pixel of the axis. */
function scaleRange(start: number, length: number, scale: number, axis: number): [start: number, length: number] {
  const first = Math.min(Math.round(start * scale), axis - 1)
  const end = Math.min(Math.round((start + length) * scale), axis)
  return [first, Math.max(1, end - first)]
}
