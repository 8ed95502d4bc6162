/** One channel of an image, row by row. */
export interface Plane {
  width: number
  height: number
  data: ArrayLike<number>
}

/** Returns the peak signal-to-noise ratio in dB of values from 0 to 255. It is infinite for equal values. */
export function psnr(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length || one.length === 0) throw new Error('images of different sizes')
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += ((one[at] as number) - (other[at] as number)) ** 2
  return 10 * Math.log10(255 ** 2 / (sum / one.length))
}

/**
 * Returns how far `other` is shifted to the right of and below `one`, in fractions of a pixel: least squares over the
 * slopes (Lucas and Kanade). Valid for shifts below one pixel.
 */
export function shiftBetween(one: Plane, other: Plane): { x: number; y: number } {
  const { width, height } = one
  if (width !== other.width || height !== other.height) throw new Error('images of different sizes')
  // Detail as fine as the pixels makes slopes between neighbours too flat, and the shift too long.
  const first = smooth(smooth(one))
  const second = smooth(smooth(other))
  const mean = Float64Array.from({ length: width * height }, (_, at) => (value(first, at) + value(second, at)) / 2)
  let [xx, xy, yy, xd, yd] = [0, 0, 0, 0, 0]
  for (let y = margin; y < height - margin; y += 1) {
    for (let x = margin; x < width - margin; x += 1) {
      const at = y * width + x
      const slopeX = ((mean[at + 1] as number) - (mean[at - 1] as number)) / 2
      const slopeY = ((mean[at + width] as number) - (mean[at - width] as number)) / 2
      const difference = value(first, at) - value(second, at)
      xx += slopeX * slopeX
      xy += slopeX * slopeY
      yy += slopeY * slopeY
      xd += slopeX * difference
      yd += slopeY * difference
    }
  }
  const determinant = xx * yy - xy * xy
  if (determinant <= 1e-9 * xx * yy) throw new Error('the image is too plain to measure a shift')
  return { x: (yy * xd - xy * yd) / determinant, y: (xx * yd - xy * xd) / determinant }
}

/** Returns the brightness of RGB pixels (ITU-R BT.601). */
export function luma(width: number, height: number, rgb: ArrayLike<number>): Plane {
  const data = Float64Array.from(
    { length: width * height },
    (_, at) =>
      0.299 * (rgb[at * 3] as number) + 0.587 * (rgb[at * 3 + 1] as number) + 0.114 * (rgb[at * 3 + 2] as number),
  )
  return { width, height, data }
}

/** The border, in pixels, where smoothing and slopes are not valid. */
const margin = 3

/** Averages each pixel with its eight neighbours, weighted 1, 2, 1 in both directions. The border stays unchanged. */
function smooth(plane: Plane): Plane {
  const { width, height } = plane
  const data = Float64Array.from(plane.data)
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      let sum = 0
      for (let down = -1; down <= 1; down += 1) {
        for (let right = -1; right <= 1; right += 1) {
          sum += (2 - Math.abs(down)) * (2 - Math.abs(right)) * value(plane, (y + down) * width + x + right)
        }
      }
      data[y * width + x] = sum / 16
    }
  }
  return { width, height, data }
}

function value({ data }: Plane, at: number): number {
  return data[at] as number
}
