import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { markers, richPictures, richSize } from '@/lib/images/engine/test-support/metadata'
import { readRiff } from '@/lib/images/engine/test-support/webp'

/** The only chunks a variant needs: pixels, plus the header that announces alpha. */
const chunksOfPixels = ['VP8 ', 'VP8L', 'VP8X,ALPH,VP8 ', 'VP8X,VP8L']

const variants = [512, 16].map((side) => ({ name: String(side), width: side, height: side }))

const recipes = {
  whole: { area: { x: 0, y: 0, ...richSize }, rotate: 0, flip: { horizontal: false, vertical: false } },
  // Its transparent corners give the variant alpha.
  turned: { area: { x: 0, y: 0, width: 40, height: 40 }, rotate: 33, flip: { horizontal: true, vertical: false } },
}

test('the test pictures contain every marker', async () => {
  const present = new Set<string>()
  for (const create of Object.values(richPictures)) {
    const bytes = await create()
    for (const marker of markers) if (bytes.includes(marker)) present.add(marker)
  }
  expect([...present].sort()).toEqual([...markers].sort())
  const metadata = await sharp(await (richPictures.jpg as () => Promise<Buffer>)()).metadata()
  expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc].every(Boolean)).toBe(true)
})

describe('S19: a variant contains no metadata of the upload:', () => {
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
