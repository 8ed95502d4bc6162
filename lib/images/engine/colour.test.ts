import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { extractArea } from './extract'
import { readHeader } from './header'
import { fromRaw } from './sharp'
import {
  adobeRgb,
  createProfile,
  displayP3,
  type Space,
  shuffled,
  toSpace,
  withProfile,
} from './test-support/icc-profile'
import { createPattern, decodeStored, difference, encode, type Pixels } from './test-support/reference-render'

const size = { width: 64, height: 48 }

/** Returns the whole picture at the given size. */
async function renderWhole(bytes: Uint8Array, to = size): Promise<Pixels> {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const area = { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const [extracted] = (await extractArea(bytes, header.value, recipe, to)) ?? []
  if (!extracted) throw new Error('unreadable')
  return decodeStored(await fromRaw(extracted).png().toBuffer())
}

describe('keeps the colours of every pixel format:', () => {
  const gray = createPattern(size)
  for (let at = 0; at < gray.data.length; at += 4) gray.data.fill(gray.data[at] as number, at, at + 3)
  const others: Record<string, () => Sharp> = {
    'gray PNG': () => encode(gray).removeAlpha().toColourspace('b-w').png(),
    'gray PNG with alpha': () => encode(gray).toColourspace('b-w').png(),
    'PNG of 16 bits a channel': () => encode(gray).toColourspace('rgb16').png(),
    'PNG with a palette': () => encode(gray).png({ palette: true, dither: 0 }),
    'gray JPEG': () => encode(gray).removeAlpha().toColourspace('b-w').jpeg({ quality: 95 }),
    'CMYK JPEG': () => encode(gray).removeAlpha().toColourspace('cmyk').jpeg({ quality: 95 }),
  }
  test.each(Object.keys(others))('%s', async (name) => {
    const bytes = await (others[name] as () => Sharp)().toBuffer()
    // Without a profile CMYK becomes slightly darker; an inverting loader would differ far more.
    expect(difference(await renderWhole(bytes), gray).colour).toBeLessThan(name === 'CMYK JPEG' ? 16 : 8)
  })

  test('keeps alpha exactly', async () => {
    const pattern = createPattern(size)
    for (const bytes of [
      await encode(pattern).png().toBuffer(),
      await encode(pattern).webp({ lossless: true, exact: true }).toBuffer(),
    ]) {
      expect(difference(await renderWhole(bytes), pattern).alpha).toBe(0)
    }
  })
})

describe.each<[string, Space]>([
  ['Display P3', displayP3],
  ['Adobe RGB', adobeRgb],
  ['a space with reordered channels', shuffled],
])('converts a photo in %s to sRGB', (_name, space) => {
  // Once decoded at full size, once shrunk by the loader before the profile applies.
  test.each([1, 10])('when it is %d times as large as the result', async (times) => {
    for (const colour of [
      [200, 90, 40],
      [60, 120, 180],
      [128, 128, 128],
      [240, 235, 225],
    ] as const) {
      const [r, g, b] = toSpace(colour, space)
      const [width, height] = [size.width * times, size.height * times]
      const flat = sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
      const plain = await flat.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
      const { data } = await renderWhole(withProfile(plain, createProfile(space)))
      for (const [channel, value] of colour.entries()) {
        expect(Math.abs((data[channel] as number) - value), `${colour}`).toBeLessThanOrEqual(3)
      }
      // Without the profile the colours differ.
      if (colour[0] !== colour[1])
        expect(Array.from((await renderWhole(plain)).data.slice(0, 3))).not.toEqual([...colour])
    }
  })
})
