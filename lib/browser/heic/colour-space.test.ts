import { expect, test } from 'vitest'
import { codedColourBox, heicWithProperties } from '@/lib/images/engine/test-support/avif'
import { readColourSpace } from './colour-space'

test('U80: reads the colour space from code points and from a profile', () => {
  expect(readColourSpace(heicWith(codedColourBox(12, 13)))).toBe('display-p3')
  expect(readColourSpace(heicWith(codedColourBox(1, 13)))).toBe('srgb')
  expect(readColourSpace(heicWith(profileBox(Buffer.from('\0\0\0Display P3', 'latin1'))))).toBe('display-p3')
  expect(readColourSpace(heicWith(profileBox(Buffer.from('Display P3', 'utf16le').swap16())))).toBe('display-p3')
  expect(readColourSpace(heicWith(profileBox(Buffer.from('sRGB IEC61966-2.1', 'latin1'))))).toBe('srgb')
})

test('reads sRGB from files without colours, without boxes, or cut anywhere', () => {
  expect(readColourSpace(heicWith())).toBe('srgb')
  expect(readColourSpace(Buffer.alloc(100))).toBe('srgb')
  const whole = heicWith(codedColourBox(12, 13))
  for (let length = 0; length < whole.length; length++) {
    expect(['srgb', 'display-p3']).toContain(readColourSpace(whole.subarray(0, length)))
  }
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
