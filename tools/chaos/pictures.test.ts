import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Collection } from '@/lib/images/collections'
import { findCollection } from '@/lib/images/collections'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { collectionNames, drawPicture, faultOfOriginal, faultOfVariant, pictureTypes, recipeOf } from './pictures'

const frame = { column: 1, row: 2, isFlipped: true }

test.each(collectionNames.flatMap((name) => pictureTypes.map((type) => [name, type] as const)))(
  'identifies upload and crop in each variant of %s from a %s',
  async (name, type) => {
    const { variants } = findCollection(name) as Collection
    const upload = await drawPicture(name, 77, type)
    expect(await faultOfOriginal(upload, { collection: name, code: 77 })).toBeNull()
    expect(await faultOfOriginal(upload, { collection: name, code: 78 })).toBe('another picture')
    const header = await readHeader(upload, 1_000_000, variants[0])
    if (!header.ok) throw new Error(header.code)
    const rendered = await renderVariants(upload, header.value, { ...recipeOf(name, frame), rotate: 0 }, variants)
    if (!rendered.ok) throw new Error(rendered.code)
    for (const { bytes, width, height } of rendered.value) {
      const expected = { collection: name, code: 77, frame, width, height }
      expect(await faultOfVariant(bytes, expected)).toBeNull()
      expect(await faultOfVariant(bytes, { ...expected, code: 78 })).toBe('another picture')
      for (const other of [{ column: 0 }, { row: 1 }, { isFlipped: false }]) {
        expect(await faultOfVariant(bytes, { ...expected, frame: { ...frame, ...other } })).toBe('another picture')
      }
      expect(await faultOfVariant(bytes, { ...expected, width: width + 1 })).toBe('another size')
    }
  },
)

test('reports a truncated variant as unreadable', async () => {
  const bytes = await sharp(await drawPicture('avatars', 1, 'image/png'))
    .webp()
    .toBuffer()
  const expected = { collection: 'avatars', code: 1, frame, width: 96, height: 96 } as const
  expect(await faultOfVariant(bytes.subarray(0, bytes.length - 100), expected)).toBe('unreadable')
})
