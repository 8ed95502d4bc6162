import { canvasSize, fitArea } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import { type Photo, uprightSize } from './photos'

/**
 * Returns the square that a crop takes of a photo: four fifths of its shorter side.
 * @param index moves the square, so that each index is a new crop
 */
export function squareArea(photo: Photo, index: number): Area {
  const upright = uprightSize(photo)
  const width = Math.round(Math.min(upright.width, upright.height) * 0.8)
  // Whole pixels, odd and even. The steps and the remaining space have no common divisor.
  const centreX = width / 2 + ((index * 37) % Math.max(1, upright.width - width))
  const centreY = width / 2 + ((index * 17) % Math.max(1, upright.height - width))
  return fitArea({ centreX, centreY, width }, 1, canvasSize(upright, 0))
}

/** Returns the same square as a recipe, without rotation or flip. */
export function squareRecipe(photo: Photo, index: number): Recipe {
  return { area: squareArea(photo, index), rotate: 0, flip: { horizontal: false, vertical: false } }
}
