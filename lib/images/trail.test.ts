import fc from 'fast-check'
import { expect, test } from 'vitest'
import { revertTime } from './image-id'
import { TrailId } from './schema'
import {
  findHead,
  type Trail,
  type TrailImage,
  type TrailItem,
  trailIdOfChoice,
  trailIdOfClearing,
  trailIdOfSave,
} from './trail'

const timeMs = fc.integer({ min: 0, max: 2 ** 47 })
const id = fc.stringMatching(/^[0-9a-v]{32}$/)

test('a trail id has the shape of the schema', () => {
  fc.assert(
    fc.property(timeMs, id, (ms, cropId) => {
      for (const trailId of [trailIdOfSave(null, new Date(ms), 'a1', cropId), trailIdOfChoice(null, ms)]) {
        expect(TrailId.parse(trailId)).toBe(trailId)
        expect(revertTime(trailId.slice(0, 10))).toBe(Math.max(ms, 1))
      }
    }),
  )
})

test('a trail id sorts before the head that it follows, however far behind its clock is', () => {
  fc.assert(
    fc.property(timeMs, timeMs, id, (headMs, ms, cropId) => {
      const head = trailIdOfChoice(null, headMs)
      expect(trailIdOfSave(head, new Date(ms), 'a1', cropId) < head).toBe(true)
      expect(trailIdOfChoice(head, ms) < head).toBe(true)
    }),
  )
})

test('a chain of choices on hosts with any clocks is in the order in which they were made', () => {
  fc.assert(
    fc.property(fc.array(timeMs, { minLength: 1, maxLength: 20 }), (clocks) => {
      const made: string[] = []
      for (const ms of clocks) made.unshift(trailIdOfChoice(made[0] ?? null, ms))
      expect(made.toSorted()).toEqual(made)
    }),
  )
})

test('a choice by a clock that has fractions of a millisecond is well-formed', () => {
  expect(TrailId.safeParse(trailIdOfChoice(null, 1_800_000_000_000.5)).success).toBe(true)
})

test('a save has the same trail id however often it is repeated, and another save has another', () => {
  fc.assert(
    fc.property(timeMs, id, id, (ms, one, other) => {
      fc.pre(one !== other)
      const head = trailIdOfChoice(null, 5)
      const again = () => trailIdOfSave(head, new Date(ms), 'a1', one)
      expect(again()).toBe(again())
      expect(trailIdOfSave(head, new Date(ms), 'a1', other)).not.toBe(again())
    }),
  )
})

test('clearing comes after the head and before all that else came after it, by any clock', () => {
  fc.assert(
    fc.property(timeMs, timeMs, id, (headMs, ms, cropId) => {
      const head = trailIdOfChoice(null, headMs)
      const cleared = trailIdOfClearing(head)
      expect(TrailId.safeParse(cleared).success).toBe(true)
      expect(cleared < head).toBe(true)
      expect(trailIdOfSave(head, new Date(ms), 'a1', cropId) < cleared).toBe(true)
      expect(trailIdOfChoice(head, ms) <= cleared).toBe(true)
    }),
  )
})

const settled = (name: string): TrailItem => ({
  id: name,
  key: name,
  image: { imageId: name, cropId: 'c', isAnimated: false },
  isUnsettled: false,
})
const unsettled = (name: string): TrailItem => ({ ...settled(name), isUnsettled: true })
const none: TrailItem = { id: 'none', key: 'none', image: null, isUnsettled: false }
const trailOf = (...items: TrailItem[]): Trail => ({ items, pending: [] })

test.each<[string, TrailItem[], string | null]>([
  ['nothing', [], null],
  ['a settled save', [settled('a'), settled('b')], 'a'],
  ['a save under way', [unsettled('a'), settled('b')], 'b'],
  ['a save that stands but was not settled', [unsettled('stands'), settled('b')], 'stands'],
  ['saves under way only', [unsettled('a'), unsettled('b')], null],
  ['"none"', [unsettled('a'), none, settled('b')], 'none'],
])('the head of a trail topped by %s', async (_name, items, expected) => {
  const asked: TrailImage[] = []
  const head = await findHead(trailOf(...items), (image) => {
    asked.push(image)
    return image.imageId === 'stands'
  })
  expect(head?.id ?? null).toBe(expected)
  expect(asked.every(({ imageId }) => imageId !== 'b' || expected === null)).toBe(true)
})
