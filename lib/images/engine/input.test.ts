import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { canvasSize } from '@/lib/images/geometry'
import { readHeader } from './header'
import { orientationFromExif } from './orientation'
import { renderVariants } from './render'
import { pngClaimingSize } from './test-support/png'
import {
  createPattern,
  decodeStored,
  difference,
  encode,
  makeUpright,
  type Pixels,
} from './test-support/reference-render'

const size = { width: 64, height: 48 }
const wholePicture = { area: { x: 0, y: 0, ...size }, rotate: 0, flip: { horizontal: false, vertical: false } }
const manyPixels = 1e9

/** Returns one variant of the whole picture with its format, or the error code. */
async function renderWhole(bytes: Uint8Array): Promise<string | (Pixels & { bytes: Buffer; format: string })> {
  const header = await readHeader(bytes, manyPixels)
  if (!header.ok) return header.code
  const recipe = { ...wholePicture, area: { x: 0, y: 0, ...header.value.upright } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', ...size }])
  if (!rendered.ok) return rendered.code
  const { bytes: variant } = rendered.value[0] as { bytes: Buffer }
  return { ...(await decodeStored(variant)), bytes: variant, format: header.value.format }
}

async function expectRendered(bytes: Uint8Array) {
  const result = await renderWhole(bytes)
  if (typeof result === 'string') throw new Error(result)
  return result
}

const photo = () => encode(createPattern(size)).removeAlpha()

describe('renders the same pixels from every supported format:', () => {
  const encoders: Record<string, (picture: Sharp) => Sharp> = {
    jpg: (picture) => picture.jpeg({ quality: 95 }),
    png: (picture) => picture.png(),
    webp: (picture) => picture.webp({ lossless: true }),
    avif: (picture) => picture.avif({ quality: 90, effort: 0 }),
    gif: (picture) => picture.gif(),
  }
  test.each(Object.keys(encoders))('%s', async (format) => {
    const bytes = await (encoders[format] as (picture: Sharp) => Sharp)(photo()).toBuffer()
    const result = await expectRendered(bytes)
    expect(result.format).toBe(format)
    const off = difference(result, await decodeStored(await photo().png().toBuffer()))
    expect(off.colour).toBeLessThan(6)
    expect(off.alpha).toBe(0)
  })
})

test('S14: sharp itself rejects SVG, TIFF and PPM', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>')
  for (const bytes of [svg, await photo().tiff().toBuffer(), Buffer.from(`P6\n2 2\n255\n${'x'.repeat(12)}`)]) {
    await expect(sharp(bytes).metadata()).rejects.toThrow(/unsupported image format|blocked/)
  }
})

test('recognizes an AVIF whose major brand is the generic mif1', async () => {
  const bytes = await photo().avif({ effort: 0 }).toBuffer()
  bytes.write('mif1', 8, 'latin1')
  expect((await expectRendered(bytes)).format).toBe('avif')
})

test('S15: reads the format from the bytes', async () => {
  const header = await readHeader(await photo().jpeg().toBuffer(), manyPixels)
  expect(header.ok && header.value.format).toBe('jpg')
})

describe('S16: the pixel limit', () => {
  test('rejects a PNG of 1 kB that claims 65,000² pixels, by its header', async () => {
    const bomb = pngClaimingSize(65_000, 65_000)
    expect(bomb.length).toBeLessThan(1500)
    expect(await readHeader(bomb, 50_000_000)).toEqual({ ok: false, code: 'too_many_pixels' })
    // The header decides: a similar file below the limit fails only when it is decoded.
    expect((await readHeader(pngClaimingSize(6_000, 6_000), 50_000_000)).ok).toBe(true)
    expect(await renderWhole(pngClaimingSize(6_000, 6_000))).toBe('unreadable_image')
  })

  test('accepts a picture of exactly that many pixels', async () => {
    const bytes = await photo().png().toBuffer()
    expect((await readHeader(bytes, 64 * 48)).ok).toBe(true)
    expect(await readHeader(bytes, 64 * 48 - 1)).toEqual({ ok: false, code: 'too_many_pixels' })
  })

  test.each(['gif', 'webp'] as const)('counts the frames of an animated %s twice', async (format) => {
    const frames = Array.from({ length: 5 }, (_, at) => Buffer.alloc(64 * 48 * 3, at * 50))
    const raw = { width: 64, height: 48 * 5, channels: 3 as const, pageHeight: 48 }
    const bytes = await sharp(Buffer.concat(frames), { raw }).toFormat(format, { loop: 0, delay: 50 }).toBuffer()
    expect((await sharp(bytes).metadata()).pages).toBe(5)
    const header = await readHeader(bytes, 2 * 5 * 64 * 48)
    expect(header.ok && header.value.upright).toEqual(size)
    expect(await readHeader(bytes, 2 * 5 * 64 * 48 - 1)).toEqual({ ok: false, code: 'too_many_pixels' })
    expect(await expectRendered(bytes)).toMatchObject(size)
  })
})

const noise = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, at) => (at * 7919) % 251))

test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
  'S17: rejects a truncated %s even if the crop shows only complete rows',
  async (format) => {
    const bytes = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
      .toFormat(format)
      .toBuffer()
    const area = { x: 0, y: 0, width: 8, height: 8 }
    for (const part of [0.5, 0.9]) {
      const truncated = bytes.subarray(0, Math.floor(bytes.length * part))
      const header = await readHeader(truncated, manyPixels)
      const rendered =
        header.ok &&
        (await renderVariants(truncated, header.value, { ...wholePicture, area }, [{ name: 'a', ...size }]))
      expect(rendered === false ? header : rendered, `${part}`).toMatchObject({ ok: false, code: 'unreadable_image' })
    }
  },
)

test.each([
  ['JPEG', false, () => photo().jpeg()],
  ['progressive JPEG', true, () => photo().jpeg({ progressive: true })],
  ['interlaced PNG', true, () => photo().png({ progressive: true })],
  ['WebP', false, () => photo().webp()],
])('reads from the header of a %s whether it is progressive', async (_name, isProgressive, encode) => {
  expect(await readHeader(await encode().toBuffer(), manyPixels)).toMatchObject({ value: { isProgressive } })
})

test('S17: accepts stray bytes after the end of a JPEG and before a marker', async () => {
  const bytes = await photo().jpeg().toBuffer()
  const plain = await expectRendered(bytes)
  const behind = await expectRendered(Buffer.concat([bytes, Buffer.from('stray bytes')]))
  expect(behind.bytes).toEqual(plain.bytes)
  const scan = bytes.indexOf(Buffer.from([0xff, 0xda]))
  const within = await expectRendered(
    Buffer.concat([bytes.subarray(0, scan), Buffer.from('stray'), bytes.subarray(scan)]),
  )
  expect(within.bytes).toEqual(plain.bytes)
})

describe('S20: rejects an area outside the canvas and names the field:', () => {
  test.each([
    { x: 1, y: 0, width: 64, height: 48 },
    { x: 0, y: 1, width: 64, height: 48 },
    { x: 64, y: 0, width: 1, height: 1 },
    { x: 0, y: 0, width: 65, height: 1 },
    { x: 1e9, y: 1e9, width: 1e9, height: 1e9 },
  ])('%o', async (area) => {
    // The file is no picture, so a decoding attempt fails the test.
    const header = {
      upright: size,
      stored: size,
      orientation: orientationFromExif(1),
      format: 'png' as const,
      isProgressive: false,
      pixelBytes: 3,
      isSubsampled: false,
      deepProfile: null,
      space: null,
      frames: 1,
      loadedFrames: 1,
      gif: null,
      animation: null,
    }
    for (const rotate of [0, 180]) {
      const rejected = await renderVariants(Buffer.from('none'), header, { ...wholePicture, area, rotate }, [])
      expect(rejected).toMatchObject({ ok: false, code: 'invalid_request', fields: [{ path: 'area' }] })
    }
  })
})

test('crops pictures of 1×1, 1×10,000 and 10,000×1 pixels at any angle', async () => {
  for (const [width, height] of [
    [1, 1],
    [1, 10_000],
    [10_000, 1],
  ] as const) {
    const bytes = await sharp({ create: { width, height, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const header = await readHeader(bytes, manyPixels)
    if (!header.ok) throw new Error(header.code)
    for (const rotate of [0, 90, 180, 270, 0.001, 17, 359.999]) {
      const canvas = canvasSize({ width, height }, rotate)
      const last = { x: canvas.width - 1, y: canvas.height - 1, width: 1, height: 1 }
      for (const area of [{ x: 0, y: 0, ...canvas }, last]) {
        const rendered = await renderVariants(bytes, header.value, { ...wholePicture, area, rotate }, [
          { name: 'a', ...size },
        ])
        expect(rendered.ok && rendered.value[0]).toMatchObject(size)
      }
    }
  }
})

test('renders each variant as a WebP of its size, largest first', async () => {
  const bytes = await encode(makeUpright(createPattern(size), 6))
    .png()
    .toBuffer()
  const header = await readHeader(bytes, manyPixels)
  if (!header.ok) throw new Error(header.code)
  const variants = [512, 64, 16].map((side) => ({ name: String(side), width: side, height: side }))
  const area = { x: 4, y: 8, width: 40, height: 40 }
  const rendered = await renderVariants(bytes, header.value, { ...wholePicture, area }, variants)
  if (!rendered.ok) throw new Error(rendered.code)
  expect(rendered.value.map(({ bytes: _bytes, poster: _poster, ...sizes }) => sizes)).toEqual(variants)
  for (const { bytes: variant, width, height } of rendered.value) {
    expect(await sharp(variant).metadata()).toMatchObject({ format: 'webp', width, height })
  }
})
