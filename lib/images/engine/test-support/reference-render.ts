import sharp, { type Sharp } from 'sharp'
import { canvasSize, type Size } from '@/lib/images/geometry'
import type { Area, Flip, Recipe } from '@/lib/images/schema'

/**
 * A slow and obvious reference for crops: makes the stored pixels upright by the EXIF table, then looks up the source
 * of each pixel of the canvas.
 */

/** Four numbers per pixel: red, green, blue, alpha. */
export interface Pixels extends Size {
  data: Uint8Array | Float64Array
}

/**
 * Creates a picture without symmetry: waves in each channel, including alpha, which WebP keeps without loss.
 * @param stretch factor that lengthens the waves, for pictures to be shrunk
 */
export function createPattern({ width, height }: Size, stretch = 1): Pixels {
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [x / stretch, y / stretch]
      const wave = 128 + 80 * Math.sin(u / 4 + v / 9) * Math.cos(v / 5 - u / 17)
      const slope = (30 * x) / width + (15 * y) / height
      data.set([wave, wave * 0.8 + slope, wave * 0.9 + slope / 2, 120 + wave / 2], (y * width + x) * 4)
    }
  }
  return { width, height, data }
}

export function encode({ width, height, data }: Pixels): Sharp {
  return sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
}

/** Decodes the pixels as stored, without applying the orientation. */
export async function decodeStored(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

/** Maps a pixel of the upright picture to its stored position: EXIF 2.32, table of the tag Orientation. */
const stored: Record<number, (x: number, y: number, size: Size) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, { width }) => [width - 1 - x, y],
  3: (x, y, { width, height }) => [width - 1 - x, height - 1 - y],
  4: (x, y, { height }) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, { height }) => [y, height - 1 - x],
  7: (x, y, { width, height }) => [width - 1 - y, height - 1 - x],
  8: (x, y, { width }) => [width - 1 - y, x],
}

export function makeUpright(pixels: Pixels, orientation: number): Pixels {
  const isTurned = orientation >= 5
  const width = isTurned ? pixels.height : pixels.width
  const height = isTurned ? pixels.width : pixels.height
  const place = stored[orientation]
  if (!place) throw new Error(`unknown EXIF orientation: ${orientation}`)
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromX, fromY] = place(x, y, pixels)
      const from = (fromY * pixels.width + fromX) * 4
      data.set(pixels.data.subarray(from, from + 4), (y * width + x) * 4)
    }
  }
  return { width, height, data }
}

/** Returns the pixels of a recipe's area, unscaled. */
export function referenceCrop(upright: Pixels, { area, rotate, flip }: Recipe): Pixels {
  const canvas = canvasSize(upright, rotate)
  const data = new Float64Array(area.width * area.height * 4)
  const angle = (rotate * Math.PI) / 180
  for (let y = 0; y < area.height; y += 1) {
    for (let x = 0; x < area.width; x += 1) {
      // The offset of the pixel's centre from the common centre of canvas and picture, rotated back.
      const dx = area.x + x + 0.5 - canvas.width / 2
      const dy = area.y + y + 0.5 - canvas.height / 2
      const turnedX = dx * Math.cos(angle) + dy * Math.sin(angle)
      const turnedY = -dx * Math.sin(angle) + dy * Math.cos(angle)
      const fromX = (flip.horizontal ? -turnedX : turnedX) + upright.width / 2 - 0.5
      const fromY = (flip.vertical ? -turnedY : turnedY) + upright.height / 2 - 0.5
      data.set(sample(upright, fromX, fromY), (y * area.width + x) * 4)
    }
  }
  return { width: area.width, height: area.height, data }
}

/** Interpolates between four pixels, each weighted by its opacity; transparent outside the picture. */
function sample({ width, height, data }: Pixels, x: number, y: number): [number, number, number, number] {
  const sum: [number, number, number, number] = [0, 0, 0, 0]
  for (const [pixelX, pixelY] of [
    [Math.floor(x), Math.floor(y)],
    [Math.floor(x) + 1, Math.floor(y)],
    [Math.floor(x), Math.floor(y) + 1],
    [Math.floor(x) + 1, Math.floor(y) + 1],
  ] as const) {
    if (pixelX < 0 || pixelY < 0 || pixelX >= width || pixelY >= height) continue
    const weight = (1 - Math.abs(x - pixelX)) * (1 - Math.abs(y - pixelY))
    add(sum, data, (pixelY * width + pixelX) * 4, weight)
  }
  return unweighted(sum)
}

/** Shrinks by a whole number: each pixel is the average of a box. */
export function averageBoxes({ width, height, data }: Pixels, box: number): Pixels {
  const small = { width: width / box, height: height / box, data: new Float64Array((width / box) * (height / box) * 4) }
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      const sum: [number, number, number, number] = [0, 0, 0, 0]
      for (let inY = 0; inY < box; inY += 1) {
        for (let inX = 0; inX < box; inX += 1) {
          add(sum, data, ((y * box + inY) * width + x * box + inX) * 4, 1 / box ** 2)
        }
      }
      small.data.set(unweighted(sum), (y * small.width + x) * 4)
    }
  }
  return small
}

type Sum = [number, number, number, number]

function add(sum: Sum, data: ArrayLike<number>, at: number, weight: number): void {
  const alpha = (data[at + 3] as number) * weight
  for (const channel of [0, 1, 2] as const) sum[channel] += (data[at + channel] as number) * alpha
  sum[3] += alpha
}

function unweighted([red, green, blue, alpha]: Sum): Sum {
  return alpha === 0 ? [0, 0, 0, 0] : [red / alpha, green / alpha, blue / alpha, alpha]
}

/** Returns mean absolute differences of colour, weighted by opacity, and of alpha. */
export function difference(one: Pixels, other: Pixels): { colour: number; alpha: number } {
  if (one.width !== other.width || one.height !== other.height) throw new Error('the pictures have different sizes')
  let [colour, seen, alpha] = [0, 0, 0]
  for (let at = 0; at < one.data.length; at += 4) {
    const [a, b] = [one.data[at + 3] as number, other.data[at + 3] as number]
    alpha += Math.abs(a - b)
    const weight = Math.min(a, b)
    seen += 3 * weight
    for (const channel of [0, 1, 2]) {
      colour += weight * Math.abs((one.data[at + channel] as number) - (other.data[at + channel] as number))
    }
  }
  return { colour: seen === 0 ? 0 : colour / seen, alpha: (4 * alpha) / one.data.length }
}

export const flips: Flip[] = [false, true].flatMap((horizontal) =>
  [false, true].map((vertical) => ({ horizontal, vertical })),
)

export const shifted = (area: Area, x: number, y: number): Area => ({ ...area, x: area.x + x, y: area.y + y })
