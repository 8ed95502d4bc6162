import { expect, test } from 'vitest'
import { keyClass } from './key-class'

const uid = 'abcdefghijklmnopqrstuvabcdefghij'
const uploadId = `a${'v'.repeat(26)}`

test.each([
  [`incoming/${uid}/${uploadId}`, 'incoming'],
  [`incoming/${uid}/`, 'incoming'],
  ['incoming/self-check/5b0a7a4e-0000-4000-8000-000000000000', 'incoming/self-check'],
  [`drafts/${uid}/${uploadId}/original/d41d8cd98f00b204`, 'drafts/original'],
  [`drafts/${uid}/${uploadId}/crops/${uid}/64.webp`, 'drafts/crops'],
  [`users/${uid}/v1/entries/${uploadId}.vvvvvvvvvv.${uid}.jpg.TWUsIGF0IHRoZSBzZWE`, 'users/entries'],
  [`users/${uid}/v1/trail/a/!deleted.${uploadId}`, 'users/trail'],
  [`users/${uid}/v1/originals/a`, 'users/originals'],
  [`media/${uid}/${uploadId}/64.webp`, 'media'],
  [`media/${uid}/${uploadId}/poster`, 'media'],
  ['', ''],
])('S35: names the class of %s without ids', (key, expected) => {
  expect(keyClass(key)).toBe(expected)
})
