import { expect, test } from 'vitest'
import { rejectRequest } from './reject-request'

const own = 'https://me.example.org'
const statusOf = (request: string, origin?: string) => {
  const [method, url] = request.split(' ') as [string, string]
  const rejection = rejectRequest({ method, url, origin, action: 'a' }, own)
  if (rejection) expect(JSON.parse(rejection.body)).toMatchObject({ status: rejection.status, code: rejection.code })
  return rejection?.status ?? null
}

test.each([
  'GET /',
  'GET /upload?collection=%E0',
  'HEAD /crop/a%20b',
  'GET /icon.svg',
  'GET /_next/static/a.js',
  'DELETE /api/images/a',
  'OPTIONS /api/crop',
  'POST /api/crop',
  'PUT /livez',
])('S39: lets Next answer %s', (request) => {
  expect(statusOf(request)).toBeNull()
})

test.each([
  'GET /crop/%',
  'GET /crop/%E0%A4%A',
  'GET /api/images/%',
  'GET /_next/static/%zz',
  'GET http://evil.example/upload',
  'OPTIONS *',
  'GET ',
])('S39: rejects %s, whose path does not decode', (request) => {
  expect(statusOf(request)).toBe(400)
})

test.each([
  ['TRACE /', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  ['PROPFIND /api/images', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  ['PUT /', 'GET, HEAD, POST'],
  ['DELETE /crop/a', 'GET, HEAD, POST'],
  ['OPTIONS /apiary', 'GET, HEAD, POST'],
  ['POST /icon.svg', 'GET, HEAD'],
  ['PATCH /_next/static/a', 'GET, HEAD'],
])('S39: rejects %s, which the path does not have', (request, allow) => {
  expect(statusOf(request, own)).toBe(405)
  const [method, url] = request.split(' ') as [string, string]
  expect(rejectRequest({ method, url, origin: own, action: 'a' }, own)?.headers).toMatchObject({ allow })
})

test.each([undefined, 'null', 'https://evil.example', `${own}.evil.example`, 'http://me.example.org'])(
  'S26: rejects a server action with the Origin %s',
  (origin) => {
    expect(statusOf('POST /upload', origin)).toBe(403)
    expect(statusOf('POST /upload', own)).toBeNull()
  },
)

test('S39: rejects a POST to a page that is no server action', () => {
  const post = { method: 'POST', url: '/upload', origin: own }
  expect(rejectRequest({ ...post, action: undefined }, own)).toMatchObject({
    status: 405,
    headers: { allow: 'GET, HEAD' },
  })
  expect(rejectRequest({ ...post, action: 'a' }, own)).toBeNull()
})

test('S39: rejects a server action with a body over the limit', () => {
  const post = { method: 'POST', url: '/upload', origin: own, action: 'a' }
  expect(rejectRequest({ ...post, length: '32768' }, own)).toBeNull()
  expect(rejectRequest({ ...post, length: '32769' }, own)).toMatchObject({ status: 413, code: 'too_large' })
  // A route limits its body itself.
  expect(rejectRequest({ ...post, url: '/api/crop', length: '32769' }, own)).toBeNull()
})
