import { expect, test, vi } from 'vitest'
import { checkFile } from './check-file'

const limits = { types: ['image/jpeg', 'image/png', 'image/gif'], maxBytes: 1000, maxPixels: 10_000 }
const small = async () => ({ width: 100, height: 100 })
const huge = async () => ({ width: 100, height: 101 })
const unreadable = async () => null

const file = (bytes: number, type = 'image/jpeg', name = 'me.jpg') => new File([new Uint8Array(bytes)], name, { type })

test('accepts a photo at or below every limit', async () => {
  expect(await checkFile(file(1000), limits, small)).toEqual({ kind: 'fits' })
})

test('U2: rejects an empty file before reading it', async () => {
  const measure = vi.fn(small)
  expect(await checkFile(file(0), limits, measure)).toEqual({
    kind: 'rejected',
    problem: { code: 'empty', name: 'me.jpg' },
  })
  expect(measure).not.toHaveBeenCalled()
})

test('U2: rejects a type that the collection does not accept, including SVG', async () => {
  for (const type of ['text/plain', 'image/svg+xml', 'application/pdf', '']) {
    expect(await checkFile(file(10, type, 'a'), limits, small)).toEqual({
      kind: 'rejected',
      problem: { code: 'wrong_type', name: 'a' },
    })
  }
})

test('rejects a file that is no image despite its type', async () => {
  const verdict = await checkFile(file(10), limits, unreadable)
  expect(verdict).toEqual({ kind: 'rejected', problem: { code: 'unreadable', name: 'me.jpg' } })
})

test('U8: offers to shrink a photo with too many bytes or pixels', async () => {
  expect(await checkFile(file(1001), limits, small)).toEqual({
    kind: 'oversized',
    problem: { code: 'too_large', name: 'me.jpg', bytes: 1001 },
  })
  expect(await checkFile(file(10), limits, huge)).toEqual({
    kind: 'oversized',
    problem: { code: 'too_many_pixels', name: 'me.jpg', pixels: 10_100 },
  })
})

test('rejects a file over a limit that is unreadable or a GIF', async () => {
  expect((await checkFile(file(1001), limits, unreadable)).kind).toBe('rejected')
  expect((await checkFile(file(1001, 'image/gif'), limits, small)).kind).toBe('rejected')
  expect((await checkFile(file(10, 'image/gif'), limits, huge)).kind).toBe('rejected')
})

test('U7: converts HEIC to JPEG if the browser can decode it, else rejects it', async () => {
  for (const heic of [file(5000, 'image/heic', 'a.heic'), file(10, 'image/heif', 'a'), file(10, '', 'IMG_1.HEIC')]) {
    expect(await checkFile(heic, limits, small)).toEqual({ kind: 'convert' })
    expect(await checkFile(heic, limits, unreadable)).toEqual({
      kind: 'rejected',
      problem: { code: 'heic', name: heic.name },
    })
  }
})
