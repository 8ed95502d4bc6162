import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { countTilePixels } from './avif-tiles'
import { readHeader } from './header'
import { renderVariants } from './render'
import { avifGrid } from './test-support/avif'

const tileSize = { width: 128, height: 64 }
const tile = await sharp({ create: { ...tileSize, channels: 3, background: 'teal' } })
  .avif({ effort: 0, chromaSubsampling: '4:2:0' })
  .toBuffer()

function wrap(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4)
  return Buffer.concat([head, body])
}

const gridOf = (columns: number, rows: number, size = { width: 128 * columns, height: 64 * rows }, isLong = false) =>
  avifGrid({ tile, tileSize, columns, rows, size, isLong })

describe('S16: for an AVIF of tiles', () => {
  test('counts every use of a tile', () => {
    for (const isLong of [false, true]) {
      expect(countTilePixels(gridOf(3, 2, undefined, isLong))).toBe(6 * 128 * 64)
      expect(countTilePixels(gridOf(200, 100, { width: 9, height: 9 }, isLong))).toBe(20_000 * 128 * 64)
    }
    expect(countTilePixels(tile)).toBe(0)
  })

  test('counts infinite pixels when an item is derived from itself', () => {
    const endless = gridOf(2, 1)
    const at = endless.indexOf('dimg')
    // Makes the grid its own second tile.
    endless.writeUInt16BE(1, at + 10)
    expect(countTilePixels(endless)).toBe(Number.POSITIVE_INFINITY)
  })

  test('accepts tiles within the pixel limit and rejects more by the header', async () => {
    const pixels = 4 * 128 * 64
    const header = await readHeader(gridOf(2, 2), pixels)
    if (!header.ok) throw new Error(header.code)
    const recipe = {
      area: { x: 0, y: 0, width: 64, height: 64 },
      rotate: 0,
      flip: { horizontal: false, vertical: false },
    }
    const rendered = await renderVariants(gridOf(2, 2), header.value, recipe, [{ name: 'a', width: 8, height: 8 }])
    expect(rendered.ok).toBe(true)
    // Its header claims few pixels, and it would show few.
    const bomb = gridOf(16, 16, { width: 100, height: 100 })
    expect(await readHeader(bomb, 1_000_000)).toEqual({ ok: false, code: 'too_many_pixels' })
    expect(await readHeader(gridOf(2, 2), pixels - 1)).toEqual({ ok: false, code: 'too_many_pixels' })
    expect(await readHeader(gridOf(2, 3, { width: 256, height: 128 }), pixels)).toMatchObject({ ok: false })
  })

  test('counts quickly, however often items repeat or nest', () => {
    const dimg = (from: number, to: number) =>
      Buffer.from([0, 0, 0, 14, ...Buffer.from('dimg'), 0, from, 255, 255, 0, to])
    const part = (list: Buffer[]) => {
      const iref = wrap('iref', Buffer.alloc(4), ...list)
      return wrap('meta', Buffer.alloc(4), iref)
    }
    // Two million references from one item; each list claims to be longer than it is.
    expect(countTilePixels(part([Buffer.alloc(14_000_000, dimg(1, 2))]))).toBe(0)
    const nested = Array.from({ length: 250 }, (_, at) => dimg(at, at + 1))
    expect(countTilePixels(part(nested))).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([0, 1, 7, 8, 9, 40, 100, 200, 300])('does not throw when the file ends after %i bytes', (length) => {
    expect(countTilePixels(gridOf(3, 2).subarray(0, length))).toBeGreaterThanOrEqual(0)
  })
})
