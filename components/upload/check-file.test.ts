import { expect, test, vi } from 'vitest'
import { gif } from '@/lib/images/engine/test-support/gif'
import { smallFile } from '@/lib/images/engine/test-support/hostile-files'
import { animatedPng } from '@/lib/images/engine/test-support/png'
import { animatedWebp } from '@/lib/images/engine/test-support/webp'
import { checkFile } from './check-file'

const limits = {
  types: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
  maxBytes: 50_000,
  maxPixels: 10_000,
  largestVariant: { width: 32, height: 32 },
}
const small = async () => ({ width: 100, height: 100 })
const huge = async () => ({ width: 100, height: 101 })
const unreadable = async () => null

const jpeg = await smallFile('jpeg')
const png = await smallFile('png')
const webp = await smallFile('webp')
const animation = animatedWebp(webp, { width: 64, height: 48 }, 3)
/** The bytes that HEIC and moving AVIF files begin with. */
const brand = (name: string) => Buffer.from(`\0\0\0\x10ftyp${name}\0\0\0\0`, 'latin1')

function fileOf(content: Uint8Array | string, type = 'image/jpeg', name = 'me.jpg'): File {
  return new File([typeof content === 'string' ? content : new Uint8Array(content)], name, { type })
}

/** Zeros after the end of a file change nothing but its size. */
const padded = (content: Buffer, bytes: number) => Buffer.concat([content, Buffer.alloc(bytes - content.length)])

test('accepts a photo at or below every limit', async () => {
  const file = fileOf(padded(jpeg, 50_000))
  expect(await checkFile(file, limits, small)).toEqual({ kind: 'fits', file, losesMotion: false })
})

test('U2: rejects an empty file before reading it', async () => {
  const measure = vi.fn(small)
  expect(await checkFile(fileOf(''), limits, measure)).toEqual({
    kind: 'rejected',
    problem: { code: 'empty', name: 'me.jpg' },
  })
  expect(measure).not.toHaveBeenCalled()
})

test('S15: the content decides about the type, not what the browser reports', async () => {
  for (const type of ['', 'image/jpg', 'image/pjpeg', 'application/octet-stream', 'text/plain', 'image/png']) {
    const verdict = await checkFile(fileOf(jpeg, type, 'photo'), limits, small)
    expect(verdict, type).toMatchObject({
      kind: 'fits',
      file: { type: 'image/jpeg', name: 'photo', size: jpeg.length },
    })
  }
  const verdict = await checkFile(fileOf(png, 'image/x-png'), limits, small)
  expect(verdict).toMatchObject({ kind: 'fits', file: { type: 'image/png' } })
})

test('U2: rejects a type that the collection does not accept, whatever its name and type', async () => {
  const avif = await smallFile('avif')
  for (const content of ['hello', '<svg xmlns="http://www.w3.org/2000/svg"/>', '%PDF-1.7', '<!doctype html>', avif]) {
    expect(await checkFile(fileOf(content), limits, small)).toEqual({
      kind: 'rejected',
      problem: { code: 'wrong_type', name: 'me.jpg' },
    })
  }
})

test('rejects a file that the browser cannot decode', async () => {
  const verdict = await checkFile(fileOf(jpeg), limits, unreadable)
  expect(verdict).toEqual({ kind: 'rejected', problem: { code: 'unreadable', name: 'me.jpg' } })
})

test('S17: rejects a photo whose end is missing, and accepts one without only its end mark', async () => {
  const incomplete = await checkFile(fileOf(jpeg.subarray(0, jpeg.length / 2)), limits, small)
  expect(incomplete).toEqual({ kind: 'rejected', problem: { code: 'incomplete', name: 'me.jpg' } })
  expect((await checkFile(fileOf(jpeg.subarray(0, -2)), limits, small)).kind).toBe('fits')
})

test('U8: offers to shrink a photo with too many bytes or pixels', async () => {
  const large = fileOf(padded(jpeg, 50_001))
  expect(await checkFile(large, limits, small)).toEqual({
    kind: 'oversized',
    file: large,
    problem: { code: 'too_large', name: 'me.jpg', bytes: 50_001 },
  })
  expect(await checkFile(fileOf(jpeg), limits, huge)).toMatchObject({
    kind: 'oversized',
    problem: { code: 'too_many_pixels', name: 'me.jpg', pixels: 10_100 },
  })
})

test('rejects a file over a limit that is unreadable or may move', async () => {
  const still = gif({ width: 10, height: 10 }, 1)
  expect((await checkFile(fileOf(padded(jpeg, 50_001)), limits, unreadable)).kind).toBe('rejected')
  expect((await checkFile(fileOf(padded(still, 50_001)), limits, small)).kind).toBe('rejected')
  expect((await checkFile(fileOf(still), limits, huge)).kind).toBe('rejected')
  expect((await checkFile(fileOf(padded(animation, 50_001)), limits, small)).kind).toBe('rejected')
  expect((await checkFile(fileOf(padded(webp, 50_001)), limits, small)).kind).toBe('oversized')
})

test('S16: counts every frame of an animation, at least at the largest rendered size', async () => {
  const name = 'me.jpg'
  const inFull = async () => ({ width: 64, height: 26 })
  expect((await checkFile(fileOf(animation), limits, inFull)).kind).toBe('fits')
  expect(await checkFile(fileOf(animation), limits, small)).toEqual({
    kind: 'rejected',
    problem: { code: 'too_many_frames', name, frames: 3, maxFrames: 0 },
  })
  const tiny = async () => ({ width: 1, height: 1 })
  expect(await checkFile(fileOf(gif({ width: 1, height: 1 }, 10)), limits, tiny)).toEqual({
    kind: 'rejected',
    problem: { code: 'too_many_frames', name, frames: 10, maxFrames: 4 },
  })
})

test('U7: converts HEIC to JPEG, whatever its name and type', async () => {
  for (const [type, name] of [
    ['image/heic', 'a.heic'],
    ['image/heif', 'a'],
    ['', 'IMG_1.HEIC'],
    ['image/jpeg', 'renamed.jpg'],
  ]) {
    const heic = fileOf(brand('heic'), type, name)
    expect(await checkFile(heic, limits, unreadable)).toMatchObject({ kind: 'convert', file: { name } })
  }
})

test('U2: names a moving AVIF instead of calling AVIF unsupported', async () => {
  const all = { ...limits, types: [...limits.types, 'image/avif'] }
  expect(await checkFile(fileOf(brand('avis'), 'image/avif'), all, small)).toEqual({
    kind: 'rejected',
    problem: { code: 'moving_avif', name: 'me.jpg' },
  })
})

test('U24: apng: reports that a moving PNG becomes a still', async () => {
  const file = fileOf(animatedPng([png, png]))
  expect(await checkFile(file, limits, small)).toMatchObject({ kind: 'fits', losesMotion: true })
  // Shrinking would silently drop its motion.
  expect((await checkFile(file, limits, huge)).kind).toBe('rejected')
})

test('rejects a file that changed on the disk after it was chosen', async () => {
  const file = fileOf(jpeg)
  vi.spyOn(file, 'arrayBuffer').mockRejectedValue(new DOMException('changed', 'NotReadableError'))
  expect(await checkFile(file, limits, small)).toEqual({
    kind: 'rejected',
    problem: { code: 'file_changed', name: 'me.jpg' },
  })
})
