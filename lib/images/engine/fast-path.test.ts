import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { luma, psnr, shiftBetween } from '@/tools/testing/pixel-difference'
import { cutOut } from './extract'
import { planCut } from './extract-plan'
import { type Header, readHeader } from './header'
import { fromRaw, type RawPixels } from './sharp'
import { planLoading } from './shrink-on-load'
import { createPhoto } from './test-support/photo'

const flip = { horizontal: false, vertical: false }
const out = { width: 128, height: 128 }

/** Every pixel decoded, cut where the recipe says, and resized once. */
async function cutExactly(bytes: Uint8Array, area: { x: number; y: number; width: number; height: number }) {
  const { data, info } = await sharp(bytes).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: info })
    .extract({ left: area.x, top: area.y, width: area.width, height: area.height })
    .resize(out.width, out.height, { fit: 'fill' })
    .raw()
    .toBuffer()
}

const withoutAlpha = (pixels: RawPixels) => fromRaw(pixels).removeAlpha().raw().toBuffer()

async function headerOf(bytes: Uint8Array): Promise<Header> {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  return header.value
}

/** Sides that leave a rest by 8, so that what the loader cuts off matters. */
const size = { width: 1607, height: 1413 }

describe.each(['jpeg', 'progressive jpeg', 'webp', 'png'])('a photo as %s', async (format) => {
  const photo = await createPhoto(size)
  const bytes = await {
    jpeg: () => photo.jpeg({ quality: 85 }),
    'progressive jpeg': () => photo.jpeg({ quality: 85, progressive: true }),
    webp: () => photo.webp({ quality: 85, effort: 0 }),
    png: () => photo.png({ compressionLevel: 1 }),
  }
    [format as 'jpeg']()
    .withMetadata({ orientation: 6 })
    .toBuffer()
  const header = await headerOf(bytes)

  test.each([1413, 1200, 801, 640, 390, 300, 128])(
    'an area of %d pixels a side is what the exact way makes of it, within 36 dB, and not shifted',
    async (side) => {
      const { width, height } = header.upright
      const area = {
        x: Math.floor((width - side) * 0.61),
        y: Math.floor((height - side) * 0.37),
        width: side,
        height: side,
      }
      const [cut] = (await cutOut(bytes, header, { area, rotate: 0, flip }, out)) ?? []
      if (!cut) throw new Error('unreadable')
      const [fast, exact] = [await withoutAlpha(cut), await cutExactly(bytes, area)]
      expect(psnr(fast, exact)).toBeGreaterThanOrEqual(36)
      const { x, y } = shiftBetween(luma(out.width, out.height, exact), luma(out.width, out.height, fast))
      expect(Math.abs(x)).toBeLessThan(0.06)
      expect(Math.abs(y)).toBeLessThan(0.06)
    },
  )
})

describe('what is read of a 48 MP photo for a 512 pixel cut', () => {
  const stored = { width: 8000, height: 6000 }
  const uprighting = { mirrored: false, quarterTurns: 0 }
  const plan = (side: number, format: string) => {
    const recipe = { area: { x: 1000, y: 0, width: side, height: side }, rotate: 0, flip }
    const { source, least } = planCut(stored, uprighting, recipe, { width: 512, height: 512 })
    return planLoading(format, stored, source, least)
  }

  test.each([
    [6000, 8],
    [4500, 4],
    [2500, 2],
  ])('of %d pixels a side: a JPEG is decoded at a %dth', (side, factor) => {
    const loading = plan(side, 'jpg')
    if (loading.kind !== 'shrink') throw new Error(loading.kind)
    const shrink = stored.width / loading.whole.width
    // sharp's own rule: the next smaller factor, where the resize is by hardly more than one.
    expect(shrink).toBeGreaterThanOrEqual(factor + 1)
    expect(loading.area.width).toBeGreaterThanOrEqual(512)
  })

  test('a PNG cannot be read smaller, nor a JPEG where there is little to gain', () => {
    expect(plan(6000, 'png')).toMatchObject({ kind: 'cut', size: { width: 512, height: 512 } })
    expect(plan(1500, 'jpg').kind).toBe('cut')
    expect(plan(300, 'jpg')).toMatchObject({ kind: 'cut', size: { width: 300, height: 300 } })
  })
})
