import { expect, test } from 'vitest'
import { luma, type Plane, psnr, shiftBetween } from './pixel-difference'

/** Creates waves without symmetry, shifted by fractions of a pixel. */
function waves(moveX: number, moveY: number, width = 96, height = 64): Plane {
  const data = Float64Array.from({ length: width * height }, (_, at) => {
    const x = (at % width) - moveX
    const y = Math.floor(at / width) - moveY
    return 128 + 60 * Math.sin(x / 7 + y / 11) + 40 * Math.cos(y / 5 - x / 13)
  })
  return { width, height, data }
}

test('computes the PSNR of a known error', () => {
  const plain = new Uint8Array(1000).fill(100)
  expect(psnr(plain, new Uint8Array(1000).fill(101))).toBeCloseTo(48.13, 2)
  expect(psnr(plain, new Uint8Array(1000).fill(110))).toBeCloseTo(28.13, 2)
  expect(psnr(plain, plain)).toBe(Number.POSITIVE_INFINITY)
  expect(() => psnr(plain, new Uint8Array(999))).toThrow('different sizes')
})

test.each([
  [0, 0],
  [0.05, 0],
  [0, -0.05],
  [0.3, 0.2],
  [-0.25, 0.4],
])('finds a shift of %d, %d pixels', (x, y) => {
  const shift = shiftBetween(waves(0, 0), waves(x, y))
  expect(shift.x).toBeCloseTo(x, 2)
  expect(shift.y).toBeCloseTo(y, 2)
})

test('measures the right shift of detail as fine as the pixels', () => {
  const fine = (moveX: number): Plane => {
    const data = Float64Array.from({ length: 96 * 64 }, (_, at) => {
      const [x, y] = [(at % 96) - moveX, Math.floor(at / 96)]
      const coarse = 40 * Math.sin(x / 4 + y / 6) + 30 * Math.cos(y / 3 - x / 5)
      return 128 + coarse + 20 * Math.sin(x * 2.2 + y) + 20 * Math.cos(x * 1.7 - y * 2.3)
    })
    return { width: 96, height: 64, data }
  }
  expect(shiftBetween(fine(0), fine(0.3)).x).toBeGreaterThan(0.27)
  expect(shiftBetween(fine(0), fine(0.3)).x).toBeLessThan(0.33)
})

test('does not mistake noise for a shift', () => {
  const noisy = waves(0, 0)
  const data = Float64Array.from(noisy.data, (value, at) => value + ((at * 7919) % 13) - 6)
  const { x, y } = shiftBetween(waves(0, 0), { ...noisy, data })
  expect(Math.hypot(x, y)).toBeLessThan(0.02)
})

test('rejects an image that is plain in one direction', () => {
  const stripes = { width: 8, height: 8, data: Float64Array.from({ length: 64 }, (_, at) => at % 8) }
  expect(() => shiftBetween(stripes, stripes)).toThrow('too plain')
})

test('weighs green most and blue least', () => {
  const { data } = luma(3, 1, [255, 0, 0, 0, 255, 0, 0, 0, 255])
  expect(Array.from(data as Float64Array, Math.round)).toEqual([76, 150, 29])
})
