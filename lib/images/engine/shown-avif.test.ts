import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readHeader } from './header'
import { renderVariants } from './render'
import { apertureBox, avifWithProperty, codedColourBox } from './test-support/avif'
import { extractAll } from './test-support/extract-all'
import { createPattern, decodeStored, difference, encode, referenceCrop } from './test-support/reference-render'

const size = { width: 160, height: 120 }
const pattern = createPattern(size)
for (let alpha = 3; alpha < pattern.data.length; alpha += 4) pattern.data[alpha] = 255
const still = await encode(pattern)
  .removeAlpha()
  .avif({ quality: 95, effort: 0, chromaSubsampling: '4:4:4' })
  .toBuffer()

// What Chromium shows: e2e/shown-and-saved.spec.ts compares it.
test('avif-clap: crops an AVIF with a clean aperture as if it had none', async () => {
  const bytes = avifWithProperty(still, size, apertureBox({ width: 100, height: 60 }))
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 100, height: 60 })
  const header = await readHeader(bytes, 1e6)
  if (!header.ok) throw new Error(header.code)
  expect(header.value.upright).toEqual(size)
  const area = { x: 5, y: 9, width: 100, height: 100 }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const rendered = await renderVariants(bytes, header.value, recipe, [{ name: 'only', width: 100, height: 100 }])
  if (!rendered.ok) throw new Error(rendered.code)
  const saved = await decodeStored((rendered.value[0] as { bytes: Buffer }).bytes)
  expect(difference(saved, referenceCrop(pattern, recipe)).colour).toBeLessThan(5)
})

// The colours of a flat picture, as Chromium shows them.
test.each([
  ['Display P3', 12, 13, [216, 81, 10]],
  ['Display P3 with the curve of video', 12, 1, [216, 81, 10]],
  ['BT.2020', 9, 14, [243, 59, 6]],
  ['gamma 2.2', 1, 4, [201, 90, 34]],
  ['sRGB', 1, 13, [200, 90, 39]],
  ['BT.709', 1, 1, [200, 90, 39]],
  ['unspecified', 2, 2, [200, 90, 39]],
] as const)(
  'applies the colour space of an AVIF that states it by codes: %s',
  async (_name, primaries, transfer, rgb) => {
    const flat = await sharp({ create: { ...size, channels: 3, background: { r: 200, g: 90, b: 40 } } })
      .avif({ quality: 95, effort: 0, chromaSubsampling: '4:4:4' })
      .toBuffer()
    const bytes = avifWithProperty(flat, size, codedColourBox(primaries, transfer))
    const header = await readHeader(bytes, 1e6)
    if (!header.ok) throw new Error(header.code)
    const recipe = { area: { x: 0, y: 0, ...size }, rotate: 0, flip: { horizontal: false, vertical: false } }
    const [frame] = (await extractAll(bytes, header.value, recipe, { width: 40, height: 30 })) ?? []
    const saved = Array.from(frame?.data.subarray(0, 3) ?? [])
    for (const [channel, value] of rgb.entries()) {
      expect(Math.abs((saved[channel] as number) - value), `${saved}`).toBeLessThanOrEqual(3)
    }
  },
)
