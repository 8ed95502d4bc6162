import 'server-only'
import type { Size } from '@/lib/images/geometry'
import { fromRaw, type RawPixels, toRaw } from './sharp'

/**
 * A map of the plane: (x, y) → (a·x + b·y + x0, c·x + d·y + y0). Pixels are squares: the first one's middle
 * is (0.5, 0.5).
 */
export interface AffineMap {
  matrix: readonly [a: number, b: number, c: number, d: number]
  offset: readonly [x0: number, y0: number]
}

const transparent = { r: 0, g: 0, b: 0, alpha: 0 }

/** What libvips clips of a turned picture: up to a pixel. A clear rim as wide as this is what it may clip. */
const rim = 2

/**
 * Draws pixels where the map puts them, on a clear canvas of the given size; what falls beside it is cut off.
 *
 * libvips maps the middle of the first pixel to that of the first, and rounds the bounding box its own way
 * (vips_affine: left and top are the rounded least coordinates of the corners). So the difference between its
 * picture and the canvas is known: the fraction of a pixel goes into the transform's offset, whole pixels into placing
 * the result.
 */
export async function drawMapped(pixels: RawPixels, { matrix, offset }: AffineMap, canvas: Size): Promise<RawPixels> {
  const [a, b, c, d] = matrix
  const rimmed = await toRaw(
    fromRaw(pixels).ensureAlpha().extend({ top: rim, bottom: rim, left: rim, right: rim, background: transparent }),
  )
  const { width, height } = rimmed
  const left = Math.round(Math.min(0, a * width, b * height, a * width + b * height))
  const top = Math.round(Math.min(0, c * width, d * height, c * width + d * height))
  const placeX = left + offset[0] + (a + b) * (0.5 - rim) - 0.5
  const placeY = top + offset[1] + (c + d) * (0.5 - rim) - 0.5
  const [wholeX, wholeY] = [Math.round(placeX), Math.round(placeY)]
  const drawn = await toRaw(
    fromRaw(rimmed).affine(
      [
        [a, b],
        [c, d],
      ],
      { odx: placeX - wholeX, ody: placeY - wholeY, background: transparent, interpolator: 'bicubic' },
    ),
  )
  return place(drawn, wholeX, wholeY, canvas)
}

/** Puts pixels at a place of a clear canvas. */
async function place(pixels: RawPixels, left: number, top: number, canvas: Size): Promise<RawPixels> {
  const extended = await toRaw(
    fromRaw(pixels).extend({
      left: Math.max(0, left),
      top: Math.max(0, top),
      right: Math.max(0, canvas.width - left - pixels.width),
      bottom: Math.max(0, canvas.height - top - pixels.height),
      background: transparent,
    }),
  )
  return toRaw(fromRaw(extended).extract({ left: Math.max(0, -left), top: Math.max(0, -top), ...canvas }))
}
