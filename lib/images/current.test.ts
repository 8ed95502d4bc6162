import { expect, test } from 'vitest'
import { showUsed } from './current'
import type { Trail, TrailItem } from './storage/trail'

/** Builds a trail. @param used the images, newest first; null for "none" */
function trailOf(used: (string | null)[], deleted: string[] = []): Trail {
  const items = used.map((imageId, at): TrailItem => {
    return { id: String(at).padStart(20, '0'), image: imageId === null ? null : { imageId, isAnimated: false } }
  })
  return { items, tombstones: new Map(deleted.map((imageId) => [imageId, new Date()])), cleanedOn: [] }
}

test('U59: lists the images that were in use, the last one first, each once', () =>
  expect(showUsed(trailOf(['b', 'a', 'b', 'c']))).toEqual({ currentId: 'b', used: ['b', 'a', 'c'] }))

test('U59: lists them also when none is in use', () =>
  expect(showUsed(trailOf([null, 'a']))).toEqual({ currentId: null, used: ['a'] }))

test('U59: leaves out deleted images', () =>
  expect(showUsed(trailOf(['b', 'a'], ['b']))).toEqual({ currentId: null, used: ['a'] }))
