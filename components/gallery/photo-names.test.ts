import { describe, expect, test } from 'vitest'
import type { SavedImage } from '@/lib/images/schema'
import { namePhotos } from './photo-names'

/** Names photos by minute. @param photos imageId, time and description, newest first */
function names(...photos: [imageId: string, savedAt: string, alt?: string][]): string[] {
  const images = photos.map(([imageId, savedAt, alt = '']) => ({ imageId, savedAt, alt }) as SavedImage)
  const named = namePhotos(
    images,
    (savedAt) => `Photo from ${savedAt.slice(0, 5)}`,
    (name, number) => `${name} (${number})`,
  )
  return images.map(({ imageId }) => named.get(imageId) as string)
}

describe('U55: names of photos', () => {
  test('a photo is named by its description, else by its date', () =>
    expect(names(['b', '14:03:10', 'At sea'], ['a', '14:02:10'])).toEqual(['At sea', 'Photo from 14:02']))

  test('two photos of one minute have different names, and the older one keeps its name', () =>
    expect(names(['b', '14:02:40'], ['a', '14:02:10'])).toEqual(['Photo from 14:02 (2)', 'Photo from 14:02']))

  test('two crops of one upload have different names', () =>
    expect(names(['b', '14:02:10'], ['a', '14:02:10'])).toEqual(['Photo from 14:02 (2)', 'Photo from 14:02']))

  test('photos with the same description have different names', () =>
    expect(names(['b', '15:00:00', 'Me'], ['a', '14:00:00', 'Me'])).toEqual(['Me (2)', 'Me']))
})
