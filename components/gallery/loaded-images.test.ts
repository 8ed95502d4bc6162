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

describe('the next page', () => {
  test('comes after what is loaded, with its cursor', () => {
    const loaded = appendPage(page([1, 2], 'two'), page([3, 4], null))
    expect(numbersOf(loaded)).toEqual([1, 2, 3, 4])
    expect(loaded.nextCursor).toBeNull()
  })

  test('brings no picture a second time', () => {
    expect(numbersOf(appendPage(page([1, 2, 3], 'three'), page([3, 4], null)))).toEqual([1, 2, 3, 4])
  })

  test('knows better which picture is current', () => {
    const loaded = withCurrent(page([1, 2], 'two'), image(1).imageId)
    const next = appendPage(loaded, { images: [image(3, { current: true })], nextCursor: null })
    expect(next.images.filter((each) => each.current)).toEqual([image(3, { current: true })])
  })
})

describe('a first page that was read again', () => {
  test('brings a new picture and leaves the further pages', () => {
    const followed = followFirst(page([2, 3, 4, 5], 'five'), page([1, 2], 'two'))
    expect(numbersOf(followed)).toEqual([1, 2, 3, 4, 5])
    expect(followed.nextCursor).toBe('five')
  })

  test('takes away what was deleted within its range, and only there', () => {
    expect(numbersOf(followFirst(page([1, 2, 3, 4, 5], 'five'), page([1, 3], 'three')))).toEqual([1, 3, 4, 5])
  })

  test('fills up after deleting', () => {
    const followed = followFirst(page([1, 5], 'five'), page([1, 5, 6], 'six'))
    expect(numbersOf(followed)).toEqual([1, 5, 6])
    expect(followed.nextCursor).toBe('six')
  })

  test('is all there is when nothing follows it', () => {
    expect(numbersOf(followFirst(page([1, 2, 3, 4], null), page([1, 2], null)))).toEqual([1, 2])
  })

  test('stands alone where pictures may be missing between it and what was loaded, or the person is another', () => {
    expect(followFirst(page([5, 6, 7], 'seven'), page([1, 2], 'two'))).toEqual(page([1, 2], 'two'))
  })

  test('stands alone when everything loaded was deleted', () => {
    expect(followFirst(page([], 'two'), page([3, 4], 'four'))).toEqual(page([3, 4], 'four'))
  })

  test('knows better which picture is current', () => {
    const loaded = withCurrent(page([1, 2, 3, 4], 'four'), image(4).imageId)
    const first = withCurrent(page([1, 2], 'two'), image(1).imageId)
    expect(followFirst(loaded, first).images.map((each) => each.current)).toEqual([true, false, false, false])
  })

  test('leaves the current picture of a further page as it is when it has none itself', () => {
    const loaded = withCurrent(page([1, 2, 3, 4], 'four'), image(4).imageId)
    expect(followFirst(loaded, page([1, 2], 'two')).images.map((each) => each.current)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })
})

test('at most one picture is current', () => {
  const loaded = withCurrent(withCurrent(page([1, 2], null), image(1).imageId), image(2).imageId)
  expect(loaded.images.map((each) => each.current)).toEqual([false, true])
  expect(withCurrent(loaded, null).images.some((each) => each.current)).toBe(false)
})

test('an alt text is changed for its picture alone', () => {
  expect(withAlt(page([1, 2], null), image(2).imageId, 'At sea').images.map(({ alt }) => alt)).toEqual(['', 'At sea'])
})

test('deleted pictures go, the cursor stays', () => {
  const left = withoutImages(page([1, 2, 3], 'three'), [image(1).imageId, image(3).imageId])
  expect(left).toEqual(page([2], 'three'))
})

test('addresses read again come in the place of the old ones, and nothing else changes', () => {
  const loaded = { images: [image(1, { alt: 'mine', current: true }), image(2)], nextCursor: 'two' }
  const again = [image(0), image(1, { original: { url: 'new' } })]
  const renewed = withUrls(loaded, again)
  expect(renewed).toEqual({
    images: [image(1, { alt: 'mine', current: true, original: { url: 'new' } }), image(2)],
    nextCursor: 'two',
  })
})
