import 'server-only'
import type { Size } from '@/lib/images/geometry'
import { fromRaw, type RawPixels, toRaw } from './sharp'

/**
 * Maps (x, y) to (a·x + b·y + x0, c·x + d·y + y0). Pixels are unit squares: the centre of the first is (0.5, 0.5).
 */
export interface AffineTransform {
  matrix: readonly [a: number, b: number, c: number, d: number]
  offset: readonly [x0: number, y0: number]
}

const transparent = { r: 0, g: 0, b: 0, alpha: 0 }

/** libvips clips up to one pixel at the edges of a transformed picture; this transparent border absorbs it. */
const border = 2

/**
 * Transforms pixels onto a transparent canvas of the given size and clips the rest.
 *
 * libvips maps the centre of the first pixel to itself, and its output starts at the rounded minimum of the transformed
 * corners (vips_affine). The offset from that output to the canvas is therefore known: its fraction goes into the
 * transform, its whole pixels into the placement.
 */
export async function applyAffine(pixels: RawPixels, transform: AffineTransform, canvas: Size): Promise<RawPixels> {
  const [a, b, c, d] = transform.matrix
  const [x0, y0] = transform.offset
  const background = transparent
  const bordered = await toRaw(
    fromRaw(pixels).ensureAlpha().extend({ top: border, bottom: border, left: border, right: border, background }),
  )
  const { width, height } = bordered
  const left = Math.round(Math.min(0, a * width, b * height, a * width + b * height))
  const top = Math.round(Math.min(0, c * width, d * height, c * width + d * height))
  const x = left + x0 + (a + b) * (0.5 - border) - 0.5
  const y = top + y0 + (c + d) * (0.5 - border) - 0.5
  const [wholeX, wholeY] = [Math.round(x), Math.round(y)]
  const options = { odx: x - wholeX, ody: y - wholeY, background, interpolator: 'bicubic' } as const
  return placeOnCanvas(await toRaw(fromRaw(bordered).affine([a, b, c, d], options)), wholeX, wholeY, canvas)
}

async function placeOnCanvas(pixels: RawPixels, left: number, top: number, canvas: Size): Promise<RawPixels> {
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
