import { expect, test } from 'vitest'
import { isInside } from '@/lib/images/geometry'
import { squareArea } from './crops'
import { type Photo, uprightSize } from './photos'

test.each<Photo>([
  { megapixels: 12, format: 'jpg' },
  { megapixels: 12, format: 'jpg', orientation: 6 },
  { megapixels: 1, format: 'png' },
])('places each square of %j inside the photo and in a different place', (photo) => {
  const areas = Array.from({ length: 40 }, (_, index) => squareArea(photo, index))
  expect(areas.every((area) => area.width === area.height && isInside(area, uprightSize(photo)))).toBe(true)
  expect(new Set(areas.map(({ x, y }) => `${x},${y}`)).size).toBe(40)
})
