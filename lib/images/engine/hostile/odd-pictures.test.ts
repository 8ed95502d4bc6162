import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { type Format, formats, smallFile, smallPicture } from '@/lib/images/engine/test-support/hostile-files'
import { insertJpegSegments, jpegSegment } from '@/lib/images/engine/test-support/jpeg'
import { png, pngChunk, pngColour } from '@/lib/images/engine/test-support/png'

/** The pixels of one variant of the whole picture, or of an area of it: gray levels, from the top left. */
async function graysOf(bytes: Buffer, cut?: { x: number; y: number; width: number; height: number }) {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const area = cut ?? { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 16, height: 8 }])
  if (!rendered.ok) throw new Error(rendered.code)
  const { data, info } = await sharp(rendered.value[0]?.bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([16, 8])
  return Array.from({ length: info.width * info.height }, (_, at) => data[at * info.channels] as number)
}

/** Dark on the left, light on the right. */
function expectHalves(grays: number[], [dark, light]: [number, number]): void {
  grays.forEach((gray, at) => {
    const x = at % 16
    // At the seam they flow into each other.
    if (x < 6) expect(Math.abs(gray - dark), `${x}`).toBeLessThan(14)
    if (x > 9) expect(Math.abs(gray - light), `${x}`).toBeLessThan(14)
  })
}

/** Scan lines of 64×32 pixels, of so many bits each; the right half is all ones. */
const halves = (bits: number) => {
  const half = Buffer.alloc((32 * bits) / 8)
  const line = Buffer.concat([Buffer.from([0]), half, Buffer.alloc(half.length, 255)])
  return Buffer.concat(Array(32).fill(line))
}

describe('rare kinds of PNG are pictures:', () => {
  const size = { width: 64, height: 32 }
  test.each([1, 2, 4, 8, 16])('gray, %i bits', async (depth) => {
    expectHalves(await graysOf(png({ ...size, depth, colour: pngColour.gray }, halves(depth))), [0, 255])
  })

  test.each([1, 2, 4, 8])('a palette, %i bits', async (depth) => {
    const colours = Buffer.alloc(3 * 2 ** depth, 90)
    colours.fill(200, colours.length - 3)
    const bytes = png({ ...size, depth, colour: pngColour.palette }, halves(depth), pngChunk('PLTE', colours))
    expectHalves(await graysOf(bytes), [90, 200])
  })

  test.each([8, 16])('gray with alpha, %i bits', async (depth) => {
    // Black and clear on the left, white and solid on the right.
    const bytes = png({ ...size, depth, colour: pngColour.grayAlpha }, halves(2 * depth))
    const solid = (await graysOf(bytes)).filter((_, at) => at % 16 > 9)
    expect(Math.min(...solid)).toBeGreaterThan(250)
  })

  test('colours of 16 bits', async () => {
    expectHalves(await graysOf(png({ ...size, depth: 16, colour: pngColour.rgb }, halves(48))), [0, 255])
  })

  test('interlaced', async () => {
    const [plain, interlaced] = [await smallFile('png'), await smallPicture().png({ progressive: true }).toBuffer()]
    expect(await graysOf(interlaced)).toEqual(await graysOf(plain))
  })
})

describe('rare kinds of JPEG are pictures:', () => {
  const inked = (transform: number) => async () => {
    const bytes = await smallPicture().toColourspace('cmyk').jpeg().toBuffer()
    // Adobe's marker tells whether inks are stored as they are or as YCCK (T.872, 6.5.3).
    const at = bytes.indexOf('Adobe')
    if (at === -1)
      return insertJpegSegments(
        bytes,
        jpegSegment(0xee, Buffer.from(`Adobe\0d\0\0\0\0${String.fromCharCode(transform)}`, 'latin1')),
      )
    bytes[at + 11] = transform
    return bytes
  }
  const kinds: Record<string, () => Promise<Buffer>> = {
    CMYK: inked(0),
    YCCK: inked(2),
    progressive: () => smallPicture().jpeg({ progressive: true }).toBuffer(),
    optimised: () => smallPicture().jpeg({ optimizeCoding: true, mozjpeg: true }).toBuffer(),
    gray: () => smallPicture().toColourspace('b-w').jpeg().toBuffer(),
  }
  test.each(Object.keys(kinds))('%s', async (kind) => {
    const grays = await graysOf(await (kinds[kind] as () => Promise<Buffer>)())
    expect(new Set(grays).size).toBeGreaterThan(1)
  })
})

describe('pictures of odd sizes can be cut,', () => {
  const shapes = [
    [1, 1],
    [1, 10_000],
    [10_000, 1],
  ] as const
  test.each(formats.flatMap((format) => shapes.map(([width, height]) => [format, width, height] as const)))(
    '%s of %i × %i, whole and one pixel of it',
    async (format: Format, width, height) => {
      const bytes = await sharp({ create: { width, height, channels: 3, background: '#888888' } })
        .toFormat(format, format === 'avif' ? { effort: 0 } : {})
        .toBuffer()
      const last = { x: width - 1, y: height - 1, width: 1, height: 1 }
      for (const grays of [await graysOf(bytes), await graysOf(bytes, last)]) {
        for (const gray of grays) expect(Math.abs(gray - 0x88)).toBeLessThan(4)
      }
    },
  )
})
