import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { type Format, formats, smallFile, smallPicture } from '@/lib/images/engine/test-support/hostile-files'
import { insertJpegSegments, jpegSegment } from '@/lib/images/engine/test-support/jpeg'
import { png, pngChunk, pngColour } from '@/lib/images/engine/test-support/png'

/** Renders an area (by default the whole picture) and returns the gray levels from the top left. */
async function graysOf(bytes: Buffer, part?: { x: number; y: number; width: number; height: number }) {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const area = part ?? { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 16, height: 8 }])
  if (!rendered.ok) throw new Error(rendered.code)
  const { data, info } = await sharp(rendered.value[0]?.bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([16, 8])
  return Array.from({ length: info.width * info.height }, (_, at) => data[at * info.channels] as number)
}

/** Expects a dark left half and a light right half. */
function expectHalves(grays: number[], [dark, light]: [number, number]): void {
  grays.forEach((gray, at) => {
    const x = at % 16
    // Skips the seam, where the halves blend.
    if (x < 6) expect(Math.abs(gray - dark), `${x}`).toBeLessThan(14)
    if (x > 9) expect(Math.abs(gray - light), `${x}`).toBeLessThan(14)
  })
}

/** Creates scan lines of 64×32 pixels with the given bits per pixel; the right half is all ones. */
const halves = (bits: number) => {
  const half = Buffer.alloc((32 * bits) / 8)
  const line = Buffer.concat([Buffer.from([0]), half, Buffer.alloc(half.length, 255)])
  return Buffer.concat(Array(32).fill(line))
}

describe('renders rare kinds of PNG:', () => {
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
    // Black and transparent on the left, white and opaque on the right.
    const bytes = png({ ...size, depth, colour: pngColour.grayAlpha }, halves(2 * depth))
    const opaque = (await graysOf(bytes)).filter((_, at) => at % 16 > 9)
    expect(Math.min(...opaque)).toBeGreaterThan(250)
  })

  test('colours of 16 bits', async () => {
    expectHalves(await graysOf(png({ ...size, depth: 16, colour: pngColour.rgb }, halves(48))), [0, 255])
  })

  test('interlaced', async () => {
    const [plain, interlaced] = [await smallFile('png'), await smallPicture().png({ progressive: true }).toBuffer()]
    expect(await graysOf(interlaced)).toEqual(await graysOf(plain))
  })
})

describe('renders rare kinds of JPEG:', () => {
  const inked = (transform: number) => async () => {
    const bytes = await smallPicture().toColourspace('cmyk').jpeg().toBuffer()
    // Adobe's marker selects CMYK or YCCK (T.872, 6.5.3).
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

describe('crops pictures of odd sizes:', () => {
  const shapes = [
    [1, 1],
    [1, 10_000],
    [10_000, 1],
  ] as const
  test.each(formats.flatMap((format) => shapes.map(([width, height]) => [format, width, height] as const)))(
    '%s of %i × %i, the whole and its last pixel',
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
