import { describe, expect, test } from 'vitest'
import type { GalleryPage, SavedImage } from '@/lib/images/schema'
import { appendPage, followFirst, type LoadedImages, withChanges } from './loaded-images'

function image(number: number, more: Partial<SavedImage> = {}): SavedImage {
  const imageId = `a${String(number).padStart(42, '0')}`
  const savedAt = '2026-05-03T14:02:00Z'
  const nothingElse = { uploadId: '', cropId: '', collection: 'avatars', alt: '', current: false, variants: [] }
  return { imageId, savedAt, original: { url: '' }, ...nothingElse, ...more }
}

function page(numbers: number[], nextCursor: string | null): LoadedImages {
  return { images: numbers.map((number) => image(number)), nextCursor, currentId: null, used: [] }
}

const numbersOf = ({ images }: GalleryPage) => images.map(({ imageId }) => Number(imageId.slice(1)))

describe('appendPage', () => {
  test('U19: adds the page after the loaded images, with its cursor', () => {
    const loaded = appendPage(page([1, 2], 'two'), page([3, 4], null))
    expect(numbersOf(loaded)).toEqual([1, 2, 3, 4])
    expect(loaded.nextCursor).toBeNull()
  })

  test('adds no image twice', () => {
    expect(numbersOf(appendPage(page([1, 2, 3], 'three'), page([3, 4], null)))).toEqual([1, 2, 3, 4])
  })

  test('keeps the image in use', () => {
    const loaded = { ...page([1, 2], 'two'), currentId: 'a', used: ['a', 'b'] }
    expect(appendPage(loaded, page([3], null))).toEqual({ ...page([1, 2, 3], null), currentId: 'a', used: ['a', 'b'] })
  })
})

describe('followFirst', () => {
  test('adds a new image and keeps the further pages', () => {
    const followed = followFirst(page([2, 3, 4, 5], 'five'), page([1, 2], 'two'))
    expect(numbersOf(followed)).toEqual([1, 2, 3, 4, 5])
    expect(followed.nextCursor).toBe('five')
  })

  test('removes deleted images only within its range', () => {
    expect(numbersOf(followFirst(page([1, 2, 3, 4, 5], 'five'), page([1, 3], 'three')))).toEqual([1, 3, 4, 5])
  })

  test('fills the first page after a deletion', () => {
    const followed = followFirst(page([1, 5], 'five'), page([1, 5, 6], 'six'))
    expect(numbersOf(followed)).toEqual([1, 5, 6])
    expect(followed.nextCursor).toBe('six')
  })

  test('replaces everything when it is the only page', () => {
    expect(numbersOf(followFirst(page([1, 2, 3, 4], null), page([1, 2], null)))).toEqual([1, 2])
  })

  test('replaces everything when it shares no image with the loaded ones', () => {
    expect(followFirst(page([5, 6, 7], 'seven'), page([1, 2], 'two'))).toEqual(page([1, 2], 'two'))
  })

  test('replaces everything when all loaded images were deleted', () => {
    expect(followFirst(page([], 'two'), page([3, 4], 'four'))).toEqual(page([3, 4], 'four'))
  })

  test('takes over the image in use and the cursor of the further pages', () => {
    const first = { ...page([1, 2], 'two'), currentId: 'a', used: ['a', 'b'] }
    const followed = followFirst({ ...page([1, 2, 3, 4], 'four'), currentId: 'b' }, first)
    expect(followed).toEqual({ ...page([1, 2, 3, 4], 'four'), currentId: 'a', used: ['a', 'b'] })
  })
})

test('withChanges changes the named properties of loaded images only', () => {
  const loaded = { ...page([], 'two'), images: [image(1, { alt: 'mine' }), image(2)] }
  const changed = withChanges(loaded, [image(0), { imageId: image(1).imageId, original: { url: 'new' } }])
  expect(changed).toEqual({ ...loaded, images: [image(1, { alt: 'mine', original: { url: 'new' } }), image(2)] })
})
