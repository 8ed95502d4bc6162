import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Size } from '@/lib/images/geometry'
import { paintPhoto } from '@/tools/testing/photos'
import { luma, psnr, shiftBetween } from '@/tools/testing/pixel-difference'
import { planExtract } from './extract-plan'
import { type Header, readHeader } from './header'
import { fromRaw, type RawPixels } from './sharp'
import { planLoad } from './shrink-on-load'
import { extractAll } from './test-support/extract-all'

const flip = { horizontal: false, vertical: false }
const out = { width: 128, height: 128 }

/** Decodes every pixel, extracts the area and resizes it once. */
async function extractExactly(bytes: Uint8Array, area: { x: number; y: number; width: number; height: number }) {
  const { data, info } = await sharp(bytes).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: info })
    .extract({ left: area.x, top: area.y, width: area.width, height: area.height })
    .resize(out.width, out.height, { fit: 'fill' })
    .raw()
    .toBuffer()
}

const withoutAlpha = (pixels: RawPixels) => fromRaw(pixels).removeAlpha().raw().toBuffer()

async function headerOf(bytes: Uint8Array, shown?: Size): Promise<Header> {
  const header = await readHeader(bytes, 1e9, undefined, shown)
  if (!header.ok) throw new Error(header.code)
  return header.value
}

/** Sides that are no multiples of 8, so that the remainder the loader drops matters. */
const size = { width: 1607, height: 1413 }

describe.each(['jpeg', 'progressive jpeg', 'webp', 'png'])('a photo as %s', async (format) => {
  const photo = sharp(paintPhoto(size.width, size.height), { raw: { ...size, channels: 3 } })
  const bytes = await {
    jpeg: () => photo.jpeg({ quality: 85 }),
    'progressive jpeg': () => photo.jpeg({ quality: 85, progressive: true }),
    webp: () => photo.webp({ quality: 85, effort: 0 }),
    png: () => photo.png({ compressionLevel: 1 }),
  }
    [format as 'jpeg']()
    .withMetadata({ orientation: 6 })
    .toBuffer()
  // The browser turns the photo in every format.
  const header = await headerOf(bytes, { width: size.height, height: size.width })

  test.each([1413, 1200, 801, 640, 390, 300, 128])(
    'matches exact decoding of a %d-pixel area within 36 dB, without a shift',
    async (side) => {
      const { width, height } = header.upright
      const area = {
        x: Math.floor((width - side) * 0.61),
        y: Math.floor((height - side) * 0.37),
        width: side,
        height: side,
      }
      const [extracted] = (await extractAll(bytes, header, { area, rotate: 0, flip }, out)) ?? []
      if (!extracted) throw new Error('unreadable')
      const [fast, exact] = [await withoutAlpha(extracted), await extractExactly(bytes, area)]
      expect(psnr(fast, exact)).toBeGreaterThanOrEqual(36)
      const { x, y } = shiftBetween(luma(out.width, out.height, exact), luma(out.width, out.height, fast))
      expect(Math.abs(x)).toBeLessThan(0.06)
      expect(Math.abs(y)).toBeLessThan(0.06)
    },
  )
})

describe('reading a 48 MP photo for a 512-pixel variant', () => {
  const stored = { width: 8000, height: 6000 }
  const upright = { mirrored: false, quarterTurns: 0 }
  const plan = (side: number, format: string) => {
    const recipe = { area: { x: 1000, y: 0, width: side, height: side }, rotate: 0, flip }
    const { source, minSize } = planExtract(stored, upright, recipe, { width: 512, height: 512 })
    return planLoad(format, stored, source, minSize)
  }

  test.each([
    [6000, 8],
    [4500, 4],
    [2500, 2],
  ])('decodes a %d-pixel area of a JPEG at 1/%d', (side, factor) => {
    const load = plan(side, 'jpg')
    if (load.kind !== 'shrink') throw new Error(load.kind)
    // sharp uses the next smaller factor when the ratio is barely above one.
    expect(stored.width / load.shrunk.width).toBeGreaterThanOrEqual(factor + 1)
    expect(load.area.width).toBeGreaterThanOrEqual(512)
  })

  test('decodes a PNG, and a JPEG with little to gain, at full size', () => {
    expect(plan(6000, 'png')).toMatchObject({ kind: 'extract', size: { width: 512, height: 512 } })
    expect(plan(1500, 'jpg').kind).toBe('extract')
    expect(plan(300, 'jpg')).toMatchObject({ kind: 'extract', size: { width: 300, height: 300 } })
  })
})
