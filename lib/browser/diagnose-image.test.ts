import { afterEach, expect, test, vi } from 'vitest'
import { diagnoseImage } from './diagnose-image'

afterEach(() => vi.unstubAllGlobals())

const answer = (give: () => Promise<Response>) => vi.stubGlobal('fetch', give)

test('asks the store why an upload does not show', async () => {
  answer(async () => new Response('not an image'))
  expect(await diagnoseImage('https://store.test/photo')).toBe('unreadable_image')
  answer(async () => new Response(null, { status: 403 }))
  expect(await diagnoseImage('https://store.test/photo')).toBe('not_uploaded')
  answer(() => Promise.reject(new TypeError('Failed to fetch')))
  expect(await diagnoseImage('https://store.test/photo')).toBe('unreachable')
})

test('reads a file of this browser instead of its URL, which the page may not request', async () => {
  answer(() => Promise.reject(new TypeError('Failed to fetch')))
  expect(await diagnoseImage('blob:photo', new Blob(['not an image']))).toBe('unreadable_image')
  const changed = new Blob(['gone'])
  changed.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as Blob
  expect(await diagnoseImage('blob:photo', changed)).toBe('file_changed')
})
