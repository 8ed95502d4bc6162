import { afterEach, expect, test, vi } from 'vitest'
import type { SavedImage } from '@/lib/images/schema'
import { filesOf, readAllPhotos, zip } from './all-photos'

afterEach(() => vi.unstubAllGlobals())

const download = (name: string) => {
  const url = new URL('https://store.test/key')
  url.searchParams.set('response-content-disposition', `attachment; filename="${name}"`)
  return url.href
}
const photo = (original: string | null, largest = 'avatars-512.webp') =>
  ({
    original: original && { url: download(original) },
    variants: [{ downloadUrl: download(largest) }, { downloadUrl: download('avatars-64.webp') }],
  }) as SavedImage

test('takes the original of a photo, or its largest variant', () => {
  expect(filesOf([photo('a-original.jpeg'), photo(null)])).toEqual([
    { url: download('a-original.jpeg'), name: 'a-original.jpeg' },
    { url: download('avatars-512.webp'), name: 'avatars-512.webp' },
  ])
})

test('gives photos of one second different names', () => {
  const names = filesOf([photo('a.jpeg'), photo('a.jpeg'), photo('a.jpeg')]).map(({ name }) => name)
  expect(names).toEqual(['a.jpeg', 'a (2).jpeg', 'a (3).jpeg'])
})

test('reads every page of every collection, and stops at a failure', async () => {
  const asked: string[] = []
  const problem = Response.json(
    { code: 'internal' },
    { status: 500, headers: { 'content-type': 'application/problem+json' } },
  )
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const { searchParams } = new URL(path, 'https://site.test')
    const nextCursor = searchParams.get('cursor') === null ? 'next' : null
    if (searchParams.get('collection') === 'gone') return problem
    return Response.json({ images: [{}, {}], nextCursor })
  })
  expect(await readAllPhotos([{ name: 'a' }, { name: 'b' }])).toMatchObject({ ok: true, value: { length: 8 } })
  expect(asked).toHaveLength(4)
  expect(await readAllPhotos([{ name: 'gone' }, { name: 'a' }])).toMatchObject({ ok: false, code: 'internal' })
  expect(asked).toHaveLength(5)
})

test('U64: puts all files into one zip, and fails if the store refuses one', async () => {
  vi.stubGlobal('fetch', async (url: string) =>
    url.includes('refused') ? new Response(null, { status: 403 }) : new Response(`bytes of ${url}`),
  )
  const done: number[] = []
  const { signal } = new AbortController()
  const files = [
    { url: 'https://store.test/1', name: 'one.jpeg' },
    { url: 'https://store.test/2', name: 'two.jpeg' },
  ]
  const text = await (await zip(files, (count) => done.push(count), signal)).text()
  for (const part of ['one.jpeg', 'bytes of https://store.test/1', 'two.jpeg', 'bytes of https://store.test/2'])
    expect(text).toContain(part)
  expect(done).toEqual([0, 1])
  await expect(zip([{ url: 'https://store.test/refused', name: 'x' }], () => {}, signal)).rejects.toThrow('403')
})
