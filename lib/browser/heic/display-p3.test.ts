import { expect, test } from 'vitest'
import { codedColourBox, heicWithProperties } from '@/lib/images/engine/test-support/avif'
import { convertToSrgb, isDisplayP3 } from './display-p3'

test('U80: recognizes Display P3 by code points and by a profile', () => {
  expect(isDisplayP3(heicWith(codedColourBox(12, 13)))).toBe(true)
  expect(isDisplayP3(heicWith(codedColourBox(1, 13)))).toBe(false)
  expect(isDisplayP3(heicWith(profileBox(Buffer.from('\0\0\0Display P3', 'latin1'))))).toBe(true)
  expect(isDisplayP3(heicWith(profileBox(Buffer.from('Display P3', 'utf16le').swap16())))).toBe(true)
  expect(isDisplayP3(heicWith(profileBox(Buffer.from('sRGB IEC61966-2.1', 'latin1'))))).toBe(false)
})

test('recognizes no Display P3 in files without colours, without boxes, or cut anywhere', () => {
  expect(isDisplayP3(heicWith())).toBe(false)
  expect(isDisplayP3(Buffer.alloc(100))).toBe(false)
  const whole = heicWith(codedColourBox(12, 13))
  for (let length = 0; length < whole.length; length++) {
    expect(() => isDisplayP3(whole.subarray(0, length))).not.toThrow()
  }
})

test('U80: converts Display P3 to sRGB, and leaves grays as they are', () => {
  // The primaries of sRGB, as numbers of Display P3 (CSS Color 4).
  const pixels = Uint8ClampedArray.from([234, 51, 35, 255, 117, 251, 76, 255, 0, 0, 245, 100])
  convertToSrgb(pixels)
  const expected = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 100]
  for (const [at, value] of pixels.entries())
    expect(Math.abs(value - (expected[at] as number)), `${at}`).toBeLessThan(6)

  const gray = Uint8ClampedArray.from({ length: 1024 }, (_, at) => (at % 4 === 3 ? 255 : at >> 2))
  const converted = gray.slice()
  convertToSrgb(converted)
  expect(converted).toEqual(gray)
})

const heicWith = (...properties: Buffer[]) => heicWithProperties(pixelsOnly, { width: 8, height: 8 }, properties)

const box = (type: string, body: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 8)
  return Buffer.concat([size, Buffer.from(type), body])
}
const profileBox = (profile: Buffer) => box('colr', Buffer.concat([Buffer.from('prof'), profile]))
const pixelsOnly = Buffer.concat([
  box('pixi', Buffer.alloc(8)),
  box('hvcC', Buffer.alloc(8)),
  box('mdat', Buffer.alloc(8)),
])
