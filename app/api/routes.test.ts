import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest'
import type * as actions from '@/app/actions'
import { api } from '@/lib/browser/api-client'
import { errorTable, type Refusal } from '@/lib/result'
import { type Operation, operations } from './operations'
import { problem } from './problem'

/** Finds the operation of a request and parses its input by that operation's schemas. */
function parseRequest(method: string, address: string, body: string | undefined) {
  const url = new URL(address, 'http://localhost')
  for (const [name, operation] of Object.entries(operations) as [string, Operation][]) {
    const match = new RegExp(`^${operation.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(url.pathname)
    if (!match || operation.method !== method) continue
    return {
      name,
      params: operation.params.parse({ ...match.groups }),
      query: operation.query.parse(Object.fromEntries(url.searchParams)),
      body: operation.body ? operation.body.parse(JSON.parse(body ?? 'null')) : body,
    }
  }
  throw new Error(`no operation for ${method} ${url.pathname}`)
}

const fetchMock = vi.fn<typeof fetch>()
/** The operations requested so far, in order. */
const requestedOperations = () =>
  fetchMock.mock.calls.map(([url, init]) =>
    parseRequest(init?.method ?? 'GET', String(url), init?.body as string | undefined),
  )

beforeEach(() => void vi.stubGlobal('fetch', fetchMock))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchMock.mockReset()
})

const uploadId = `a${'0'.repeat(26)}`
const imageId = `a${'0'.repeat(42)}`
const other = `a${'1'.repeat(42)}`
const none = { params: {}, query: {}, body: undefined }
const rejection = (code: Refusal['code']) => problem({ ok: false, code })

test('the API client has every server action, with the same input and result', () => {
  expectTypeOf(api).toExtend<typeof actions>()
})

test.each([
  ['signInAsGuest', () => api.signInAsGuest(), { name: 'createGuest', ...none }],
  ['signOut', () => api.signOut(), { name: 'endSession', ...none }],
  ['signOutEverywhere', () => api.signOutEverywhere(), { name: 'endAllSessions', ...none }],
  [
    'exportImages',
    () => api.exportImages({ collection: 'covers', cursor: imageId }),
    { name: 'exportImages', ...none, query: { collection: 'covers', cursor: imageId } },
  ],
  ['readSession', () => api.readSession(), { name: 'readSession', ...none }],
  [
    'readCurrent',
    () => api.readCurrent({ collection: 'covers' }),
    { name: 'readCurrent', ...none, params: { collection: 'covers' } },
  ],
  ['eraseAccount', () => api.eraseAccount(), { name: 'eraseAccount', ...none, body: { confirm: 'erase everything' } }],
  [
    'startUpload',
    () => api.startUpload({ collection: 'covers', contentType: 'image/png', size: 5 }),
    { name: 'startUpload', ...none, body: { collection: 'covers', contentType: 'image/png', size: 5 } },
  ],
  [
    'saveImage',
    () => api.saveImage({ uploadId, cropId: '0'.repeat(32), seen: null, keepOriginal: false }),
    { name: 'saveImage', ...none, body: { uploadId, cropId: '0'.repeat(32), seen: null, keepOriginal: false } },
  ],
  [
    'listImages, first page',
    () => api.listImages({ collection: 'covers', cursor: null }),
    { name: 'listImages', ...none, query: { collection: 'covers', limit: 24 } },
  ],
  [
    'listImages, next page',
    () => api.listImages({ collection: 'covers', cursor: 'a+/=&b' }),
    { name: 'listImages', ...none, query: { collection: 'covers', cursor: 'a+/=&b', limit: 24 } },
  ],
  [
    'setCurrentImage',
    () => api.setCurrentImage({ collection: 'covers', imageId: null }),
    { name: 'setCurrent', params: { collection: 'covers' }, query: {}, body: { imageId: null } },
  ],
  [
    'recropImage',
    () => api.recropImage({ imageId }),
    { name: 'recropImage', params: { imageId }, query: {}, body: undefined },
  ],
  [
    'describeImage',
    () => api.describeImage({ imageId, alt: 'Me' }),
    { name: 'describeImage', params: { imageId }, query: {}, body: { alt: 'Me' } },
  ],
] as const)('%s requests the matching operation', async (_name, send, operation) => {
  fetchMock.mockResolvedValueOnce(rejection('busy'))
  expect(await send()).toEqual({ ok: false, code: 'busy' })
  expect(requestedOperations()).toEqual([operation])
})

test('returns every error code with its fields and retryAfterSeconds', async () => {
  for (const code of Object.keys(errorTable) as Refusal['code'][]) {
    const refusal: Refusal = { ok: false, code, fields: [{ path: 'a', message: 'b' }], retryAfterSeconds: 3 }
    fetchMock.mockResolvedValueOnce(problem(refusal))
    expect(await api.recropImage({ imageId })).toEqual(refusal)
  }
})

test('accepts a response with unknown fields', async () => {
  fetchMock.mockResolvedValueOnce(Response.json({ imageId, recipe: {}, newField: 1 }, { status: 201 }))
  expect(await api.recropImage({ imageId })).toMatchObject({ ok: true, value: { imageId } })
})

test('signing out answers where to go next, also at a host of an older build', async () => {
  const next = 'https://login.example.org/logout'
  fetchMock.mockResolvedValueOnce(Response.json({ next }))
  expect(await api.signOut()).toEqual({ ok: true, value: { next } })
  fetchMock.mockResolvedValueOnce(new Response(null, { status: 204 }))
  expect(await api.signOut()).toEqual({ ok: true, value: { next: '/' } })
})

test('returns no value where the server action returns none', async () => {
  fetchMock.mockResolvedValueOnce(Response.json({ imageId, alt: 'Me' }))
  expect(await api.describeImage({ imageId, alt: 'Me' })).toEqual({ ok: true, value: null })
})

test('throws on an outage and on an unknown error code', async () => {
  fetchMock.mockResolvedValueOnce(new Response('Bad gateway', { status: 502 }))
  await expect(api.signOut()).rejects.toThrow('answered 502')
  fetchMock.mockResolvedValueOnce(
    Response.json({ code: 'teapot' }, { status: 418, headers: { 'content-type': 'application/problem+json' } }),
  )
  await expect(api.signOut()).rejects.toThrow('answered teapot')
})

test('deletes images in one request and returns which failed', async () => {
  const answer = { deleted: [imageId], failed: [{ imageId: other, code: 'not_found' }] }
  fetchMock.mockResolvedValueOnce(Response.json(answer))
  expect(await api.deleteImages({ imageIds: [imageId, other] })).toEqual({ ok: true, value: answer })
  expect(requestedOperations()).toEqual([{ name: 'deleteImages', ...none, body: { imageIds: [imageId, other] } }])
})
