import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { markers, richPictures, richSize } from '@/lib/images/engine/test-support/metadata'
import { readRiff } from '@/lib/images/engine/test-support/webp'

/** All that a variant needs: pixels, and with alpha the chunk that says so. */
const chunksOfPixels = ['VP8 ', 'VP8L', 'VP8X,ALPH,VP8 ', 'VP8X,VP8L']

const variants = [512, 16].map((side) => ({ name: String(side), width: side, height: side }))

const recipes = {
  whole: { area: { x: 0, y: 0, ...richSize }, rotate: 0, flip: { horizontal: false, vertical: false } },
  // With clear corners, so that the variant has alpha.
  turned: { area: { x: 0, y: 0, width: 40, height: 40 }, rotate: 33, flip: { horizontal: true, vertical: false } },
}

test('what is hidden in the pictures of this file is there', async () => {
  const found = new Set<string>()
  for (const create of Object.values(richPictures)) {
    const bytes = await create()
    for (const marker of markers) if (bytes.includes(marker)) found.add(marker)
  }
  expect([...found].sort()).toEqual([...markers].sort())
  const metadata = await sharp(await (richPictures.jpg as () => Promise<Buffer>)()).metadata()
  expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc].every(Boolean)).toBe(true)
})

describe('S19: nothing of a file but its pixels is in a variant', () => {
  test.each(
    Object.entries(richPictures).flatMap(([name, create]) =>
      Object.entries(recipes).map(([how, recipe]) => [name, how, create, recipe] as const),
    ),
  )('%s, %s', async (_name, _how, create, recipe) => {
    const bytes = await create()
    const header = await readHeader(bytes, 1e6)
    if (!header.ok) throw new Error(header.code)
    const rendered = await renderVariants(bytes, header.value, recipe, variants)
    if (!rendered.ok) throw new Error(rendered.code)
    for (const { bytes: variant } of rendered.value) {
      expect(markers.filter((marker) => variant.includes(marker))).toEqual([])
      const { size, chunks } = readRiff(variant)
      expect(size).toBe(variant.length)
      expect(chunksOfPixels).toContain(chunks.map(({ name }) => name).join())
      const left = await sharp(variant).metadata()
      const { exif, xmp, icc, iptc, orientation, comments } = left
      expect([exif, xmp, icc, iptc, orientation, comments]).toEqual(Array(6).fill(undefined))
    }
  })
})
