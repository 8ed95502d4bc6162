import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExportFailed, type ExportFile, type ExportSetup, loadExport } from './load-export'

/** Answers by path, or an error of the network. */
type Answer = (url: URL) => Response | Promise<Response>

let answer: Answer

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (url: string) => answer(new URL(url, 'https://site.test')))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const image = (name: string) => ({
  imageId: name,
  savedAt: '2026-12-01T10:00:00.000Z',
  files: ['original.jpg', '512.webp'].map((file) => ({
    name: `${name}/${file}`,
    url: `https://store.test/${name}/${file}`,
  })),
})

/** A site with two pages of images. */
function site({ pathname, searchParams, origin, href }: URL): Response {
  if (origin === 'https://store.test') return new Response(`bytes of ${href}`)
  if (pathname === '/api/session') return Response.json({ user: { id: '1', name: 'Ada' } })
  if (pathname.startsWith('/api/collections')) return Response.json({ history: [{ id: 'h' }] })
  return searchParams.has('cursor')
    ? Response.json({ images: [image('c')], nextCursor: null, total: null })
    : Response.json({ images: [image('a'), image('b')], nextCursor: 'b', total: 3 })
}

/** Loads the export. Waits take no time. */
async function run(more: Partial<ExportSetup> = {}) {
  const missing: string[] = []
  const progress: number[] = []
  const setup = {
    collections: [{ name: 'avatars' }],
    signal: new AbortController().signal,
    onProgress: ({ done }: { done: number }) => void progress.push(done),
    onMissing: (name: string) => void missing.push(name),
    ...more,
  }
  const files: ExportFile[] = []
  const loading = (async () => {
    for await (const file of loadExport(setup)) files.push(file)
  })()
  loading.catch(() => {})
  await vi.advanceTimersByTimeAsync(60_000)
  await loading
  return { files, missing, progress }
}

const names = (files: ExportFile[]) => files.map(({ name }) => name)

test('U101: loads the files of all pages in order, and describes them', async () => {
  answer = site
  const { files, missing, progress } = await run()
  const all = ['a', 'b', 'c'].flatMap((name) => [`${name}/original.jpg`, `${name}/512.webp`])
  expect(names(files)).toEqual([...all, 'photos.json'])
  expect(await files[0]?.input.text()).toBe('bytes of https://store.test/a/original.jpg')
  const json = JSON.parse((await files.at(-1)?.input.text()) ?? '')
  expect(json).toMatchObject({ version: 1, person: { id: '1' }, history: { avatars: [{ id: 'h' }] } })
  expect(json.images.map(({ imageId, files }: { imageId: string; files: string[] }) => [imageId, files[0]])).toEqual([
    ['a', 'a/original.jpg'],
    ['b', 'b/original.jpg'],
    ['c', 'c/original.jpg'],
  ])
  expect(missing).toEqual([])
  expect(progress.at(-1)).toBe(3)
})

test('U101: tries a file and a page again, as when a host dies', async () => {
  const failed = new Set<string>()
  answer = (url) => {
    if (failed.has(url.href)) return site(url)
    failed.add(url.href)
    throw new TypeError('network error')
  }
  const { files, missing } = await run()
  expect(names(files)).toHaveLength(7)
  expect(missing).toEqual([])
})

test('U101: requests new URLs if the store refuses the first ones', async () => {
  let pages = 0
  answer = (url) => {
    if (url.pathname === '/api/export') pages += 1
    // The URLs of the first two pages expire.
    return url.origin === 'https://store.test' && pages <= 2 ? new Response(null, { status: 403 }) : site(url)
  }
  const { files, missing } = await run()
  expect(names(files)).toHaveLength(7)
  expect(missing).toEqual([])
})

test('U101: names the files that cannot be loaded, and loads the others', async () => {
  answer = (url) => {
    if (url.pathname === '/a/512.webp') return new Response(null, { status: 404 })
    if (url.pathname === '/c/original.jpg') return new Response(null, { status: 503 })
    return site(url)
  }
  const { files, missing } = await run()
  expect(missing.sort()).toEqual(['a/512.webp', 'c/original.jpg'])
  expect(names(files)).toHaveLength(5)
})

test('U101: fails if the session has ended', async () => {
  const headers = { 'content-type': 'application/problem+json' }
  answer = () => Response.json({ code: 'unauthorized' }, { status: 401, headers })
  const error = await run().catch((thrown) => thrown)
  expect(error).toBeInstanceOf(ExportFailed)
  expect(error.failure.code).toBe('unauthorized')
})

test('U101: ends when the person cancels', async () => {
  const controller = new AbortController()
  answer = site
  const loading = run({ signal: controller.signal, onProgress: ({ done }) => done === 1 && controller.abort() })
  await expect(loading).rejects.toThrow('aborted')
})
