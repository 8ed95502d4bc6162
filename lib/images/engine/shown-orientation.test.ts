import { describe, expect, test } from 'vitest'
import type { Recipe } from '@/lib/images/schema'
import { readOrientation } from './exif'
import { readHeader } from './header'
import { renderVariants } from './render'
import { exifOf, jpegWithExif, type OrientationTag, pngWithExif, tiffTypes, webpWithExif } from './test-support/exif'
import {
  createPattern,
  decodeStored,
  difference,
  encode,
  makeUpright,
  referenceCrop,
} from './test-support/reference-render'

const size = { width: 150, height: 110 }
const turnedSize = { width: 110, height: 150 }
const pattern = createPattern(size)
for (let alpha = 3; alpha < pattern.data.length; alpha += 4) pattern.data[alpha] = 255
const photo = () => encode(pattern).removeAlpha()

const files = {
  JPEG: async (...tags: OrientationTag[]) =>
    jpegWithExif(await photo().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), ...tags.map(exifOf)),
  PNG: async (tag: OrientationTag) => pngWithExif(await photo().png().toBuffer(), exifOf(tag)),
  WebP: async (tag: OrientationTag) =>
    webpWithExif(await photo().webp({ lossless: true }).toBuffer(), size, exifOf(tag)),
}

const recipe: Recipe = {
  area: { x: 9, y: 14, width: 84, height: 84 },
  rotate: 90,
  flip: { horizontal: true, vertical: false },
}

/** Expects the crop of a picture that is shown in an orientation. */
async function expectShownAs(bytes: Buffer, orientation: number, shown?: { width: number; height: number }) {
  const header = await readHeader(bytes, 1e6, undefined, shown)
  if (!header.ok) throw new Error(header.code)
  const upright = makeUpright(pattern, orientation)
  expect(header.value.upright).toEqual({ width: upright.width, height: upright.height })
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 84, height: 84 }])
  if (!rendered.ok) throw new Error(rendered.code)
  const saved = await decodeStored((rendered.value[0] as { bytes: Buffer }).bytes)
  expect(difference(saved, referenceCrop(upright, recipe)).colour).toBeLessThan(4)
}

// What Chromium and Firefox show: e2e/shown-and-saved.spec.ts compares it.
describe('exif-orientation-not-short: a field of another type or count does not turn', () => {
  const fields: Record<string, Omit<OrientationTag, 'orientation'>> = {
    LONG: { type: tiffTypes.long },
    'little-endian LONG': { type: tiffTypes.long, isLittleEndian: true },
    BYTE: { type: tiffTypes.byte },
    SSHORT: { type: tiffTypes.signedShort },
    'two SHORTs': { count: 2 },
  }
  for (const format of ['JPEG', 'PNG'] as const) {
    test.each(Object.keys(fields))(`a ${format} with %s`, async (field) => {
      await expectShownAs(await files[format]({ orientation: 6, ...fields[field] }), 1)
    })

    test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(`but one SHORT turns a ${format}: %d`, async (orientation) => {
      for (const isLittleEndian of [false, true]) {
        await expectShownAs(await files[format]({ orientation, isLittleEndian }), orientation === 9 ? 1 : orientation)
      }
    })
  }

  test('the first EXIF segment of a JPEG counts', async () => {
    await expectShownAs(await files.JPEG({ orientation: 6 }, { orientation: 1 }), 6)
    await expectShownAs(await files.JPEG({ orientation: 6, type: tiffTypes.long }, { orientation: 3 }), 1)
  })
})

test('exif-orientation-not-short: ignores EXIF data that is damaged anywhere', () => {
  const exif = exifOf({ orientation: 6 })
  expect(readOrientation(exif)).toBe(6)
  expect(readOrientation(Buffer.concat([Buffer.from('Exif\0\0'), exif]))).toBe(6)
  for (let length = 0; length < 22; length += 1) expect(readOrientation(exif.subarray(0, length))).toBeUndefined()
  for (const offset of [9, 22, 26, 1e9, 0xffffffff]) {
    const elsewhere = Buffer.from(exif)
    elsewhere.writeUInt32BE(offset, 4)
    expect(readOrientation(elsewhere)).toBeUndefined()
  }
})

describe('webp-exif-orientation: a WebP with an EXIF orientation', () => {
  test.each([2, 3, 6, 8])('%d is not turned, as in Chromium and Firefox', async (orientation) => {
    await expectShownAs(await files.WebP({ orientation }), 1)
    await expectShownAs(await files.WebP({ orientation }), 1, size)
  })

  test.each([5, 6, 7, 8])('%d is turned for a browser that shows it turned', async (orientation) => {
    await expectShownAs(await files.WebP({ orientation }), orientation, turnedSize)
  })
})

describe('the size that the browser shows', () => {
  test('rejects a size that the picture cannot have, and names the field', async () => {
    const bytes = await files.JPEG({ orientation: 1 })
    for (const shown of [turnedSize, { width: 150, height: 100 }, { width: 1, height: 65_535 }]) {
      expect(await readHeader(bytes, 1e6, undefined, shown)).toMatchObject({
        code: 'invalid_request',
        fields: [{ path: 'shown' }],
      })
    }
  })

  test.each([0, 90, 33])('scales the area if it is a scaled size, turned by %d degrees', async (rotate) => {
    const bytes = await files.JPEG({ orientation: 6 })
    const half = { width: 55, height: 75 }
    const header = await readHeader(bytes, 1e6, undefined, half)
    if (!header.ok) throw new Error(header.code)
    expect(header.value.upright).toEqual(half)
    const area = { x: 7, y: 13, width: 40, height: 40 }
    const rendered = await renderVariants(bytes, header.value, { ...recipe, rotate, area }, [
      { name: 'only', width: 80, height: 80 },
    ])
    if (!rendered.ok) throw new Error(rendered.code)
    const saved = await decodeStored((rendered.value[0] as { bytes: Buffer }).bytes)
    const expected = referenceCrop(makeUpright(pattern, 6), {
      ...recipe,
      rotate,
      area: { x: 14, y: 26, width: 80, height: 80 },
    })
    // The two canvases are rounded up separately, so a turned one may be off by a fraction of a pixel.
    expect(difference(saved, expected).colour).toBeLessThan(rotate % 90 === 0 ? 4 : 12)
    const outside = { ...recipe, rotate: 0, area: { x: 16, y: 0, width: 40, height: 40 } }
    expect((await renderVariants(bytes, header.value, outside, [])).ok).toBe(false)
  })
})
