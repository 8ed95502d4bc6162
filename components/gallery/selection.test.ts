import { describe, expect, test } from 'vitest'
import { goneAfter, neighbourOf, toggled } from './selection'

test('selecting twice is selecting nothing', () => {
  const once = toggled(new Set(['a']), 'b')
  expect([...once]).toEqual(['a', 'b'])
  expect([...toggled(once, 'b')]).toEqual(['a'])
})

test('a selection is never changed in place', () => {
  const selected = new Set(['a'])
  toggled(selected, 'a')
  expect([...selected]).toEqual(['a'])
})

describe('after deleting, the focus goes', () => {
  const ids = ['a', 'b', 'c', 'd']

  test('to the next', () => expect(neighbourOf(ids, ['b'])).toBe('c'))
  test('past others that are deleted, too', () => expect(neighbourOf(ids, ['c', 'b'])).toBe('d'))
  test('to the one after the first deleted, if there are gaps', () => expect(neighbourOf(ids, ['d', 'a'])).toBe('b'))
  test('else to the one before', () => expect(neighbourOf(ids, ['d', 'c'])).toBe('b'))
  test('to none when none stays', () => expect(neighbourOf(ids, ids)).toBeNull())
  test('to the first when what was deleted was not among them', () => expect(neighbourOf(ids, ['x'])).toBe('a'))
  test('to none in an empty list', () => expect(neighbourOf([], ['x'])).toBeNull())
})

test('an image that no longer exists counts as deleted, and no other failure does', () => {
  const failed = [
    { imageId: 'b', code: 'not_found' },
    { imageId: 'c', code: 'internal' },
  ]
  expect(goneAfter({ deleted: ['a'], failed })).toEqual(['a', 'b'])
})
