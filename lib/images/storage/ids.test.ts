import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultCollection } from '@/lib/images/collections'
import { ImageId, UploadId } from '@/lib/images/schema'
import {
  createUploadId,
  imageIdOf,
  invertTime,
  isImageIdOf,
  issuedAt,
  isUploadIdOf,
  revertTime,
  uploadIdOf,
  uploadPartOf,
} from './ids'

const uid = 'u'.repeat(32)
const cropId = 'c'.repeat(32)
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const name = fc.stringMatching(/^[0-9a-v]{32}$/)

const kinds = [
  ['an upload id', UploadId, isUploadIdOf, (owner: string, ms: number) => createUploadId(owner, defaultCollection, ms)],
  [
    'an image id',
    ImageId,
    isImageIdOf,
    (owner: string, ms: number) => imageIdOf(owner, createUploadId(owner, defaultCollection, ms), cropId, true),
  ],
] as const

describe.each(kinds)('%s', (_name, schema, isIdOf, create) => {
  test('matches its schema and begins with the code of its collection', () => {
    fc.assert(
      fc.property(time, (ms) => {
        const id = create(uid, ms)
        expect(schema.parse(id)).toBe(id)
        expect(id[0]).toBe(defaultCollection.code)
        expect(kinds.filter(([, other]) => other.safeParse(id).success)).toHaveLength(1)
      }),
    )
  })

  test('sorts newest upload first in byte order', () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        fc.pre(one !== other)
        const [older, newer] = [Math.min(one, other), Math.max(one, other)].map((ms) => create(uid, ms))
        expect(Buffer.compare(Buffer.from(newer as string), Buffer.from(older as string))).toBe(-1)
      }),
    )
  })

  test('rule 1: contains T, the time at which the upload was issued', () => {
    fc.assert(
      fc.property(time, (ms) => {
        expect(issuedAt(create(uid, ms))).toBe(ms)
        expect(revertTime(invertTime(ms))).toBe(ms)
        expect(invertTime(ms)).toMatch(/^[0-9a-v]{10}$/)
      }),
    )
  })

  test('S10: belongs to one person and no other', () => {
    fc.assert(
      fc.property(name, name, time, (one, other, ms) => {
        fc.pre(one !== other)
        const id = create(one, ms)
        expect(isIdOf(one, id)).toBe(true)
        expect(isIdOf(other, id)).toBe(false)
      }),
    )
  })

  test('S10: is invalid with a changed, missing or extra character', () => {
    const id = create(uid, 1_800_000_000_000)
    for (let place = 0; place < id.length; place += 1) {
      const other = id[place] === 'b' ? 'c' : 'b'
      expect(isIdOf(uid, id.slice(0, place) + other + id.slice(place + 1))).toBe(false)
    }
    for (const wrong of [id.slice(0, -1), `${id}b`, '']) expect(isIdOf(uid, wrong)).toBe(false)
  })
})

test('upload ids differ, even within one millisecond', () => {
  const ids = Array.from({ length: 1000 }, () => createUploadId(uid, defaultCollection, 1_800_000_000_000))
  expect(new Set(ids).size).toBe(1000)
})

describe('the image id of a crop', () => {
  test('depends only on the upload, crop, keep-original choice and person', () => {
    fc.assert(
      fc.property(name, name, name, name, time, fc.boolean(), (one, other, crop, otherCrop, ms, keeps) => {
        fc.pre(one !== other && crop !== otherCrop)
        const uploadId = createUploadId(one, defaultCollection, ms)
        const imageId = imageIdOf(one, uploadId, crop, keeps)
        expect(imageIdOf(one, uploadId, crop, keeps)).toBe(imageId)
        const others = [
          imageIdOf(one, createUploadId(one, defaultCollection, ms), crop, keeps),
          imageIdOf(one, uploadId, otherCrop, keeps),
          imageIdOf(one, uploadId, crop, !keeps),
          imageIdOf(other, uploadId, crop, keeps),
        ]
        expect(new Set([imageId, ...others]).size).toBe(5)
      }),
    )
  })

  test('contains the upload’s id', () => {
    fc.assert(
      fc.property(name, name, time, fc.boolean(), (owner, crop, ms, keeps) => {
        const uploadId = createUploadId(owner, defaultCollection, ms)
        const imageId = imageIdOf(owner, uploadId, crop, keeps)
        expect(uploadIdOf(owner, imageId)).toBe(uploadId)
        expect(uploadPartOf(imageId)).toBe(uploadPartOf(uploadId))
        expect(imageId.startsWith(uploadPartOf(uploadId))).toBe(true)
      }),
    )
  })

  test('contains 80 bits of the hash', () => {
    const uploadId = createUploadId(uid, defaultCollection, 5)
    const hashes = Array.from({ length: 500 }, (_, at) => imageIdOf(uid, uploadId, `${at}`, true).slice(19, 35))
    expect(new Set(hashes).size).toBe(500)
    for (let place = 0; place < 16; place += 1) expect(new Set(hashes.map((hash) => hash[place])).size).toBe(32)
  })
})
