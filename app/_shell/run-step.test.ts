import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import { ok, refuse } from '@/lib/result'
import { collectionIn, runStep } from './run-step'

vi.mock('next/headers', () => ({ headers: async () => new Headers({ 'x-request-id': 'request-1' }) }))

const lines: [level: string, fields: unknown, message: string | undefined][] = []

beforeEach(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  for (const level of ['info', 'error'] as const) {
    vi.spyOn(log(), level).mockImplementation((fields: unknown, message?: string) => {
      lines.push([level, fields, message])
    })
  }
})

afterEach(() => {
  lines.length = 0
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

test('logs a refused step as information, with code, collection and request id only', async () => {
  const result = await runStep('startUpload', async (details) => {
    details.collection = collectionIn({ collection: 'covers', contentType: 'image/tiff', name: 'me@example.org' })
    return refuse('invalid_request', { fields: [{ path: 'me@example.org', message: 'unknown' }] })
  })
  expect(result).toMatchObject({ code: 'invalid_request' })
  const fields = { step: 'startUpload', collection: 'covers', requestId: 'request-1', code: 'invalid_request' }
  expect(lines).toEqual([['info', { ...fields, ms: expect.any(Number) }, 'step refused']])
})

test('logs a failed step as an error with its cause, and answers internal', async () => {
  const error = new Error('the store is gone')
  expect(await runStep('saveImage', () => Promise.reject(error))).toEqual({ ok: false, code: 'internal' })
  const fields = { step: 'saveImage', code: 'internal', requestId: 'request-1', err: error }
  expect(lines).toEqual([['error', { ...fields, ms: expect.any(Number) }, 'step failed']])
})

test('logs a step that fails after its client disconnected as information', async () => {
  const client = new AbortController()
  const error = new Error('aborted')
  const step = async () => {
    client.abort()
    throw error
  }
  expect(await runStep('crop', step, client.signal)).toEqual({ ok: false, code: 'internal' })
  const fields = { step: 'crop', requestId: 'request-1', err: error }
  expect(lines).toEqual([['info', { ...fields, ms: expect.any(Number) }, 'step aborted: the client disconnected']])
})

test('logs nothing about a step that succeeds, or that ends with a redirect of Next', async () => {
  expect(await runStep('crop', async () => ok(1))).toEqual(ok(1))
  const redirect = Object.assign(new Error('redirect'), { digest: 'NEXT_REDIRECT' })
  await expect(runStep('crop', () => Promise.reject(redirect))).rejects.toBe(redirect)
  expect(lines).toEqual([])
})

test.each([
  [{ collection: 'covers' }, 'covers'],
  [{ collection: '<script>' }, undefined],
  [{ uploadId: `a${'0'.repeat(26)}` }, 'avatars'],
  [{ imageId: `c${'0'.repeat(42)}` }, 'covers'],
  [{ imageIds: [`a${'0'.repeat(42)}`] }, 'avatars'],
  [{}, undefined],
])('finds the collection in %j', (input, name) => {
  expect(collectionIn(input)).toBe(name)
})
