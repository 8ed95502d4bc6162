import sharp from 'sharp'
import { expect, test } from 'vitest'
import { paintPhoto } from './photos'

test('paints the same photo each time, as hard to compress as one from a camera', async () => {
  const [width, height] = [1200, 900]
  const pixels = paintPhoto(width, height)
  expect(pixels.equals(paintPhoto(width, height))).toBe(true)
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
  const bitsPerPixel = (jpeg.length * 8) / (width * height)
  expect(bitsPerPixel).toBeGreaterThan(2)
  expect(bitsPerPixel).toBeLessThan(5)
})
