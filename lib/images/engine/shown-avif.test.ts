import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readHeader } from './header'
import { renderVariants } from './render'
import { avifWithAperture } from './test-support/avif'
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
  const bytes = avifWithAperture(still, size, { width: 100, height: 60 })
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
