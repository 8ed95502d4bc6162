import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultCollection } from './collections'
import { createImageId, invertTime, isIssuedTo, issuedAt, revertTime } from './image-id'
import { ImageId } from './schema'

const uid = 'u'.repeat(32)
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })

describe('an image id', () => {
  test('has the shape of the schema, and opens with its collection', () => {
    fc.assert(
      fc.property(time, (ms) => {
        const imageId = createImageId(uid, defaultCollection, ms)
        expect(ImageId.parse(imageId)).toBe(imageId)
        expect(imageId[0]).toBe(defaultCollection.code)
      }),
    )
  })

  test('sorts newest first in plain byte order', () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        fc.pre(one !== other)
        const [older, newer] = [Math.min(one, other), Math.max(one, other)].map((ms) =>
          createImageId(uid, defaultCollection, ms),
        ) as [string, string]
        expect(Buffer.compare(Buffer.from(newer), Buffer.from(older))).toBe(-1)
      }),
    )
  })

  test('tells when it was issued', () => {
    fc.assert(
      fc.property(time, (ms) => {
        expect(issuedAt(createImageId(uid, defaultCollection, ms))).toBe(ms)
        expect(revertTime(invertTime(ms))).toBe(ms)
        expect(invertTime(ms)).toMatch(/^[0-9a-v]{10}$/)
      }),
    )
  })

  test('is another each time, in the same millisecond too', () => {
    const ids = Array.from({ length: 1000 }, () => createImageId(uid, defaultCollection, 1_800_000_000_000))
    expect(new Set(ids).size).toBe(1000)
  })

  test('S10: was issued to one person and no other', () => {
    const name = fc.stringMatching(/^[0-9a-v]{32}$/)
    fc.assert(
      fc.property(name, name, time, (one, other, ms) => {
        fc.pre(one !== other)
        const imageId = createImageId(one, defaultCollection, ms)
        expect(isIssuedTo(one, imageId)).toBe(true)
        expect(isIssuedTo(other, imageId)).toBe(false)
      }),
    )
  })

  test('S10: changed in any one character was issued to nobody', () => {
    const imageId = createImageId(uid, defaultCollection, 1_800_000_000_000)
    for (let place = 0; place < imageId.length; place += 1) {
      const other = imageId[place] === 'b' ? 'c' : 'b'
      expect(isIssuedTo(uid, imageId.slice(0, place) + other + imageId.slice(place + 1))).toBe(false)
    }
  })
})
