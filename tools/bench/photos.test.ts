import { expect, test } from 'vitest'
import { uprightSize } from './photos'

test('swaps width and height of a photo that is stored on its side', () => {
  expect(uprightSize({ megapixels: 12, format: 'jpg' })).toEqual({ width: 4000, height: 3000 })
  expect(uprightSize({ megapixels: 12, format: 'jpg', orientation: 6 })).toEqual({ width: 3000, height: 4000 })
})
