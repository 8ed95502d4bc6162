import { describe, expect, test } from 'vitest'
import type { GalleryPage, SavedImage } from '@/lib/images/schema'
import { appendPage, followFirst, withAlt, withCurrent, withoutImages, withUrls } from './loaded-images'

function image(number: number, more: Partial<SavedImage> = {}): SavedImage {
  const imageId = `a${String(number).padStart(42, '0')}`
  const savedAt = '2026-05-03T14:02:00Z'
  const nothingElse = { uploadId: '', cropId: '', collection: 'avatars', alt: '', current: false, variants: [] }
  return { imageId, savedAt, original: { url: '' }, ...nothingElse, ...more }
}

function page(numbers: number[], nextCursor: string | null): GalleryPage {
  return { images: numbers.map((number) => image(number)), nextCursor }
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

  test('decides which image is current', () => {
    const loaded = withCurrent(page([1, 2], 'two'), image(1).imageId)
    const next = appendPage(loaded, { images: [image(3, { current: true })], nextCursor: null })
    expect(next.images.filter((each) => each.current)).toEqual([image(3, { current: true })])
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

  test('decides which image is current', () => {
    const loaded = withCurrent(page([1, 2, 3, 4], 'four'), image(4).imageId)
    const first = withCurrent(page([1, 2], 'two'), image(1).imageId)
    expect(followFirst(loaded, first).images.map((each) => each.current)).toEqual([true, false, false, false])
  })

  test('keeps the current image of a further page when it has none', () => {
    const loaded = withCurrent(page([1, 2, 3, 4], 'four'), image(4).imageId)
    expect(followFirst(loaded, page([1, 2], 'two')).images.map((each) => each.current)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })
})

test('withCurrent marks at most one image', () => {
  const loaded = withCurrent(withCurrent(page([1, 2], null), image(1).imageId), image(2).imageId)
  expect(loaded.images.map((each) => each.current)).toEqual([false, true])
  expect(withCurrent(loaded, null).images.some((each) => each.current)).toBe(false)
})

test('withAlt changes one image only', () => {
  expect(withAlt(page([1, 2], null), image(2).imageId, 'At sea').images.map(({ alt }) => alt)).toEqual(['', 'At sea'])
})

test('withoutImages removes images and keeps the cursor', () => {
  const left = withoutImages(page([1, 2, 3], 'three'), [image(1).imageId, image(3).imageId])
  expect(left).toEqual(page([2], 'three'))
})

test('withUrls replaces URLs and changes nothing else', () => {
  const loaded = { images: [image(1, { alt: 'mine', current: true }), image(2)], nextCursor: 'two' }
  const again = [image(0), image(1, { original: { url: 'new' } })]
  const renewed = withUrls(loaded, again)
  expect(renewed).toEqual({
    images: [image(1, { alt: 'mine', current: true, original: { url: 'new' } }), image(2)],
    nextCursor: 'two',
  })
})
