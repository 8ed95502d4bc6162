import { expect, test } from 'vitest'
import { CropRequest } from './schema'

const crop = { uploadId: `a${'0'.repeat(26)}`, area: { x: 0, y: 0, width: 9, height: 9 } }

test.each(['0123456789abcdef0123456789abcdef', '0123456789abcdef-12', 'a/b+c='])('accepts the ETag %s', (etag) => {
  expect(CropRequest.parse({ ...crop, etag })).toMatchObject({ etag })
})

test.each(['', 'a\r\nx: y', 'a b', '"a"', 'é', '€', '\u0000'])(
  'rejects the ETag %j, which no header can have',
  (etag) => {
    expect(CropRequest.safeParse({ ...crop, etag }).success).toBe(false)
  },
)
