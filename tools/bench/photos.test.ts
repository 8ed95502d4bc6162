import sharp from 'sharp'
import { expect, test } from 'vitest'
import { paint, uprightSize } from './photos'

test('a photo is the same each time, and as hard to compress as one of a camera', async () => {
  const [width, height] = [1200, 900]
  const pixels = paint(width, height)
  expect(pixels.equals(paint(width, height))).toBe(true)
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
  const bitsEach = (jpeg.length * 8) / (width * height)
  expect(bitsEach).toBeGreaterThan(2)
  expect(bitsEach).toBeLessThan(5)
})

test('one that is stored lying down stands upright', () => {
  expect(uprightSize({ megapixels: 12, format: 'jpg' })).toEqual({ width: 4000, height: 3000 })
  expect(uprightSize({ megapixels: 12, format: 'jpg', orientation: 6 })).toEqual({ width: 3000, height: 4000 })
})
