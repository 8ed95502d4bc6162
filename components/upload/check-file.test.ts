import { expect, test, vi } from 'vitest'
import { checkFile } from './check-file'

const limits = { types: ['image/jpeg', 'image/png', 'image/gif'], maxBytes: 1000, maxPixels: 10_000 }
const small = async () => ({ width: 100, height: 100 })
const huge = async () => ({ width: 100, height: 101 })
const unreadable = async () => null

const file = (bytes: number, type = 'image/jpeg', name = 'me.jpg') => new File([new Uint8Array(bytes)], name, { type })

test('a picture within all limits fits, the limits themselves included', async () => {
  expect(await checkFile(file(1000), limits, small)).toEqual({ kind: 'fits' })
})

test('an empty file is refused before it is read', async () => {
  const measure = vi.fn(small)
  expect(await checkFile(file(0), limits, measure)).toEqual({
    kind: 'refused',
    problem: { code: 'empty', name: 'me.jpg' },
  })
  expect(measure).not.toHaveBeenCalled()
})

test('a type that the collection does not take is refused, SVG too', async () => {
  for (const type of ['text/plain', 'image/svg+xml', 'application/pdf', '']) {
    expect(await checkFile(file(10, type, 'a'), limits, small)).toEqual({
      kind: 'refused',
      problem: { code: 'wrong_type', name: 'a' },
    })
  }
})

test('a file that only claims to be a picture is refused', async () => {
  const verdict = await checkFile(file(10), limits, unreadable)
  expect(verdict).toEqual({ kind: 'refused', problem: { code: 'unreadable', name: 'me.jpg' } })
})

test('a photo with too many bytes or pixels can be made smaller', async () => {
  expect(await checkFile(file(1001), limits, small)).toEqual({
    kind: 'oversized',
    problem: { code: 'too_large', name: 'me.jpg', bytes: 1001 },
  })
  expect(await checkFile(file(10), limits, huge)).toEqual({
    kind: 'oversized',
    problem: { code: 'too_many_pixels', name: 'me.jpg', pixels: 10_100 },
  })
})

test('what is too big and cannot be read, or would stop moving, is refused', async () => {
  expect((await checkFile(file(1001), limits, unreadable)).kind).toBe('refused')
  expect((await checkFile(file(1001, 'image/gif'), limits, small)).kind).toBe('refused')
  expect((await checkFile(file(10, 'image/gif'), limits, huge)).kind).toBe('refused')
})

test('HEIC is written as JPEG where the browser reads it, else a JPEG is asked for', async () => {
  for (const heic of [file(5000, 'image/heic', 'a.heic'), file(10, 'image/heif', 'a'), file(10, '', 'IMG_1.HEIC')]) {
    expect(await checkFile(heic, limits, small)).toEqual({ kind: 'convert' })
    expect(await checkFile(heic, limits, unreadable)).toEqual({
      kind: 'refused',
      problem: { code: 'heic', name: heic.name },
    })
  }
})
