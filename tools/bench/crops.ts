import { canvasSize, fitArea } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import { type Photo, uprightSize } from './photos'

/**
 * The square that a crop takes of a photo: four fifths of its shorter side, each time in another place, so that no
 * crop is one that was made before.
 */
export function squareArea(photo: Photo, index: number): Area {
  const upright = uprightSize(photo)
  const width = Math.round(Math.min(upright.width, upright.height) * 0.8)
  // Whole pixels, odd and even, in steps that have no divisor in common with the room there is.
  const centreX = width / 2 + ((index * 37) % Math.max(1, upright.width - width))
  const centreY = width / 2 + ((index * 17) % Math.max(1, upright.height - width))
  return fitArea({ centreX, centreY, width }, 1, canvasSize(upright, 0))
}

/** The same as a recipe: not turned, not flipped. */
export function squareRecipe(photo: Photo, index: number): Recipe {
  return { area: squareArea(photo, index), rotate: 0, flip: { horizontal: false, vertical: false } }
}
