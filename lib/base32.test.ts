import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase32 } from './base32'

/** Encodes five bits at a time (RFC 4648, section 6), but pads the bits on the left. */
function encodeSlowly(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const padded = bits.padStart(Math.ceil(bits.length / 5) * 5, '0')
  return (padded.match(/.{5}/g) ?? [])
    .map((five) => '0123456789abcdefghijklmnopqrstuv'[Number.parseInt(five, 2)])
    .join('')
}

test('encodes five bits per character, and keeps leading zeros', () => {
  expect(toBase32(Uint8Array.of(0, 0, 0, 0, 0))).toBe('00000000')
  expect(toBase32(Uint8Array.of(255, 255, 255, 255, 255))).toBe('vvvvvvvv')
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(toBase32(bytes)).toBe(encodeSlowly(bytes))
    }),
  )
})

test('sorts as bytes of the same length do', () => {
  const pair = fc.integer({ min: 1, max: 20 }).chain((length) => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length })
    return fc.tuple(bytes, bytes)
  })
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const [a, b] = [toBase32(one), toBase32(other)]
      expect(Math.sign(Buffer.compare(one, other))).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})
