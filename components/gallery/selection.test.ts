import { describe, expect, test } from 'vitest'
import { goneAfter, neighbourOf, toggled } from './selection'

test('toggling an id twice selects nothing', () => {
  const once = toggled(new Set(['a']), 'b')
  expect([...once]).toEqual(['a', 'b'])
  expect([...toggled(once, 'b')]).toEqual(['a'])
})

test('toggled returns a new set', () => {
  const selected = new Set(['a'])
  toggled(selected, 'a')
  expect([...selected]).toEqual(['a'])
})

describe('U21: after a deletion, the focus goes', () => {
  const ids = ['a', 'b', 'c', 'd']

  test('to the next item', () => expect(neighbourOf(ids, ['b'])).toBe('c'))
  test('past other deleted items', () => expect(neighbourOf(ids, ['c', 'b'])).toBe('d'))
  test('to the item after the first deleted one', () => expect(neighbourOf(ids, ['d', 'a'])).toBe('b'))
  test('to the previous item when none follows', () => expect(neighbourOf(ids, ['d', 'c'])).toBe('b'))
  test('nowhere when nothing is left', () => expect(neighbourOf(ids, ids)).toBeNull())
  test('to the first item when no listed item was deleted', () => expect(neighbourOf(ids, ['x'])).toBe('a'))
  test('nowhere in an empty list', () => expect(neighbourOf([], ['x'])).toBeNull())
})

test('only not_found counts as deleted among the failures', () => {
  const failed = [
    { imageId: 'b', code: 'not_found' },
    { imageId: 'c', code: 'internal' },
  ]
  expect(goneAfter({ deleted: ['a'], failed })).toEqual(['a', 'b'])
})
