import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from './header'
import { hasTooManyScans } from './jpeg-scans'
import { insertJpegSegments, jpegSegment, scanBomb } from './test-support/jpeg'

const size = { width: 80, height: 60 }
const bombOf = (scans: number) => scanBomb({ ...size, scans })

describe('S18: JPEG scans', () => {
  test('accepts a hundred scans, including the first', () => {
    expect(hasTooManyScans(bombOf(99))).toBe(false)
    expect(hasTooManyScans(bombOf(100))).toBe(true)
  })

  test('counts scans after fill bytes, stray bytes and restart markers', () => {
    const bomb = bombOf(100)
    const scan = Buffer.from([0xff, 0xda])
    const first = bomb.indexOf(scan)
    for (const hidden of [[0xff], [0xff, 0xff, 0xff], [1, 2, 3], [0xff, 0x00], [0xff, 0xd0], [0xff, 0x01]]) {
      const parts = [bomb.subarray(0, first), Buffer.from(hidden), bomb.subarray(first)]
      expect(hasTooManyScans(Buffer.concat(parts)), `${hidden}`).toBe(true)
    }
  })

  test('ignores lookalikes in a segment and after the end of the image', () => {
    const lookalikes = Buffer.alloc(1000, Buffer.from([0xff, 0xda]))
    expect(hasTooManyScans(insertJpegSegments(bombOf(1), jpegSegment(0xe2, lookalikes)))).toBe(false)
    expect(hasTooManyScans(Buffer.concat([bombOf(1), lookalikes]))).toBe(false)
    expect(hasTooManyScans(Buffer.concat([bombOf(99), lookalikes]))).toBe(false)
  })

  test('rejects too many scans by the header and accepts what encoders write', async () => {
    expect(await readHeader(bombOf(100), 1e6)).toEqual({ ok: false, code: 'unreadable_image' })
    const photo = sharp({ create: { ...size, channels: 3, background: 'teal' } })
    for (const options of [{ progressive: true }, { mozjpeg: true }]) {
      expect((await readHeader(await photo.jpeg(options).toBuffer(), 1e6)).ok).toBe(true)
    }
  })
})
