import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultCollection } from '@/lib/images/collections'
import { TrailId } from '@/lib/images/schema'
import { createUploadId, imageIdOf, revertTime } from './ids'
import {
  currentOf,
  headOf,
  isDeleted,
  type Trail,
  type TrailItem,
  trailIdForChoice,
  trailIdForCleanup,
  trailIdForSave,
  trailTime,
} from './trail'

const uid = 'u'.repeat(32)
const timeMs = fc.integer({ min: 0, max: 2 ** 47 })
const cropId = fc.stringMatching(/^[0-9a-v]{32}$/)

const imageAt = (ms: number, crop: string) => imageIdOf(uid, createUploadId(uid, defaultCollection, ms), crop, true)

const trailOf = (...items: TrailItem[]): Trail => ({ items, tombstones: new Map(), cleanedOn: [] })
const itemOf = (id: string, imageId: string | null): TrailItem => ({
  id,
  image: imageId === null ? null : { imageId, isAnimated: false },
})
const headAt = (ms: number) => trailIdForChoice(trailOf(), ms)

describe('the trail id of a save', () => {
  test('contains the later of T and 1 ms after `seen`', () => {
    fc.assert(
      fc.property(timeMs, timeMs, cropId, (ms, headMs, crop) => {
        const head = headAt(headMs)
        const trailId = trailIdForSave(trailOf(itemOf(head, null)), imageAt(ms, crop), head) ?? ''
        expect(TrailId.parse(trailId)).toBe(trailId)
        expect(revertTime(trailId.slice(0, 10))).toBe(Math.max(ms, trailTime(head) + 1))
        const first = trailIdForSave(trailOf(), imageAt(ms, crop), null) ?? ''
        expect(trailTime(first)).toBe(Math.max(ms, 1))
      }),
    )
  })

  test('rule 4: is the same for every retry of a save, on any host', () => {
    fc.assert(
      fc.property(timeMs, cropId, (ms, crop) => {
        const head = headAt(5)
        const imageId = imageAt(ms, crop)
        const again = () => trailIdForSave(trailOf(itemOf(head, null)), imageId, head)
        expect(again()).toBe(again())
        // With and without `seen`.
        expect(trailIdForSave(trailOf(itemOf(head, null)), imageId, undefined)).toBe(again())
      }),
    )
  })

  test('differs between two images, so that neither overwrites the other', () => {
    fc.assert(
      fc.property(timeMs, cropId, cropId, (ms, one, other) => {
        fc.pre(one !== other)
        const [first, second] = [one, other].map((crop) => trailIdForSave(trailOf(), imageAt(ms, crop), null))
        expect(first).not.toBe(second)
      }),
    )
  })

  test('sorts before the head, even for an older upload', () => {
    fc.assert(
      fc.property(timeMs, timeMs, cropId, (headMs, ms, crop) => {
        const head = headAt(headMs)
        expect((trailIdForSave(trailOf(itemOf(head, null)), imageAt(ms, crop), head) ?? '') < head).toBe(true)
      }),
    )
  })

  test('rule 4: is null if `seen` is no longer the head', () => {
    const [older, newer] = [headAt(5), headAt(6)]
    const imageId = imageAt(1, 'c')
    expect(trailIdForSave(trailOf(itemOf(newer, null), itemOf(older, null)), imageId, older)).toBeNull()
    expect(trailIdForSave(trailOf(itemOf(newer, null)), imageId, null)).toBeNull()
    expect(trailIdForSave(trailOf(), imageId, newer)).toBeNull()
    expect(trailIdForSave(trailOf(itemOf(newer, null), itemOf(older, null)), imageId, newer)).not.toBeNull()
  })

  test('rule 4: is null if the trail already has an item of the image', () => {
    const [older, newer] = [headAt(5), headAt(6)]
    const imageId = imageAt(1, 'c')
    expect(trailIdForSave(trailOf(itemOf(newer, imageId)), imageId, newer)).toBeNull()
    expect(trailIdForSave(trailOf(itemOf(newer, null), itemOf(older, imageId)), imageId, newer)).toBeNull()
    expect(trailIdForSave(trailOf(itemOf(newer, null), itemOf(older, imageId)), imageId, undefined)).toBeNull()
  })

  test('rule 4: is not null if only cleanup’s `none` follows `seen`', () => {
    fc.assert(
      fc.property(timeMs, timeMs, cropId, (headMs, ms, crop) => {
        const seen = headAt(headMs)
        const imageId = imageAt(ms, crop)
        const none = trailIdForCleanup(seen)
        const trail = trailOf(itemOf(none, null), itemOf(seen, imageAt(1, 'deleted')))
        const trailId = trailIdForSave(trail, imageId, seen) ?? ''
        expect(trailId).toBe(trailIdForSave(trailOf(itemOf(seen, null)), imageId, seen))
        expect(trailId < none).toBe(true)
        // A person's choice of no image makes `seen` stale.
        const chosen = trailIdForChoice(trailOf(itemOf(seen, null)), headMs + 5)
        expect(trailIdForSave(trailOf(itemOf(chosen, null), itemOf(seen, null)), imageId, seen)).toBeNull()
        // So does an image with the trail id of cleanup's `none`.
        expect(trailIdForSave(trailOf(itemOf(none, imageAt(2, 'x')), itemOf(seen, null)), imageId, seen)).toBeNull()
      }),
    )
  })
})

describe('the trail id of a choice', () => {
  test('rule 4: contains the later of store time and 1 ms after the head', () => {
    fc.assert(
      fc.property(timeMs, timeMs, (headMs, ms) => {
        const head = headAt(headMs)
        const trailId = trailIdForChoice(trailOf(itemOf(head, null)), ms)
        expect(TrailId.parse(trailId)).toBe(trailId)
        expect(trailId < head).toBe(true)
        expect(trailTime(trailId)).toBe(Math.max(ms, trailTime(head) + 1))
      }),
    )
  })

  test('sorts choices in their order, on hosts with any clocks', () => {
    fc.assert(
      fc.property(fc.array(timeMs, { minLength: 1, maxLength: 20 }), (clocks) => {
        const made: string[] = []
        for (const ms of clocks) made.unshift(trailIdForChoice(trailOf(...made.map((id) => itemOf(id, null))), ms))
        expect(made.toSorted()).toEqual(made)
      }),
    )
  })

  test('is valid for a clock with fractions of a millisecond', () => {
    expect(TrailId.safeParse(trailIdForChoice(trailOf(), 1_800_000_000_000.5)).success).toBe(true)
  })
})

test('rule 7: the trail id of cleanup’s `none` sorts directly after the head', () => {
  fc.assert(
    fc.property(timeMs, timeMs, cropId, (headMs, ms, crop) => {
      const head = headAt(headMs)
      const none = trailIdForCleanup(head)
      expect(TrailId.safeParse(none).success).toBe(true)
      expect(none < head).toBe(true)
      expect(trailIdForCleanup(head)).toBe(none)
      expect((trailIdForSave(trailOf(itemOf(head, null)), imageAt(ms, crop), head) ?? '') < none).toBe(true)
      expect(trailIdForChoice(trailOf(itemOf(head, null)), ms) <= none).toBe(true)
    }),
  )
})

describe('the current image', () => {
  const [x, y] = [imageAt(1, 'x'), imageAt(1, 'y')]

  test.each<[string, (string | null)[], string[], string | null]>([
    ['no items', [], [], null],
    ['an image', [x, y], [], x],
    ['a choice of no image', [null, x], [], null],
    ['a deleted image', [x, y], [x], null],
    ['an image after a deleted one', [x, y], [y], x],
  ])('rule 4: is the head’s image unless it is deleted: after %s', (_name, images, deleted, expected) => {
    const items = images.map((imageId, at) => itemOf(headAt(100 - at), imageId))
    const trail = { ...trailOf(...items), tombstones: new Map(deleted.map((imageId) => [imageId, new Date(0)])) }
    expect(currentOf(trail)?.imageId ?? null).toBe(expected)
    expect(headOf(trail)?.id ?? null).toBe(items[0]?.id ?? null)
    for (const imageId of [x, y]) expect(isDeleted(trail, imageId)).toBe(deleted.includes(imageId))
  })
})
