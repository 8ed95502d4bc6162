import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CropAnswer, CropRequest } from '@/lib/images/schema'
import { requestCrop } from './request-crop'

const request: CropRequest = {
  uploadId: `a${'0'.repeat(26)}`,
  area: { x: 0, y: 0, width: 10, height: 10 },
  rotate: 0,
  flip: { horizontal: false, vertical: false },
  etag: 'e1',
}
const answer: CropAnswer = {
  uploadId: request.uploadId,
  cropId: '0'.repeat(32),
  source: { width: 10, height: 10, etag: 'e1' },
  variants: [],
}

const sent = vi.fn<typeof fetch>()

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', sent)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  sent.mockReset()
})

const problem = (status: number, code: string, headers = {}) =>
  Response.json({ code, status }, { status, headers: { 'content-type': 'application/problem+json', ...headers } })

/** Runs a request, and skips its waits. */
async function run(signal = new AbortController().signal) {
  const waits: number[] = []
  const done = requestCrop(request, { signal, onWait: (seconds) => waits.push(seconds) }).catch(
    (error: unknown) => error,
  )
  await vi.runAllTimersAsync()
  return { result: await done, waits }
}

test('returns the crop', async () => {
  sent.mockResolvedValueOnce(Response.json(answer))
  expect(await run()).toEqual({ result: { ok: true, value: answer }, waits: [] })
  expect(sent.mock.calls[0]?.[0]).toBe('/api/crop')
  expect(JSON.parse(String(sent.mock.calls[0]?.[1]?.body))).toEqual(request)
})

test('retries after the Retry-After of a busy server', async () => {
  sent.mockResolvedValueOnce(problem(503, 'busy', { 'retry-after': '2' })).mockResolvedValueOnce(Response.json(answer))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: true, value: answer })
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeGreaterThanOrEqual(2)
  expect(waits[0]).toBeLessThanOrEqual(3)
})

test('retries while the balancer has no host', async () => {
  sent.mockResolvedValueOnce(new Response('Bad gateway', { status: 502 })).mockResolvedValueOnce(Response.json(answer))
  expect((await run()).result).toEqual({ ok: true, value: answer })
})

test('returns busy after two minutes of retries', async () => {
  sent.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '3' }))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: false, code: 'busy', retryAfterSeconds: 3 })
  const waited = waits.reduce((sum, seconds) => sum + seconds, 0)
  expect(waited).toBeGreaterThan(110)
  // Each wait is rounded up to whole seconds.
  expect(waited - waits.length).toBeLessThanOrEqual(120)
})

test('succeeds when the server is busy for a minute and a half', async () => {
  const freeAt = performance.now() + 90_000
  sent.mockImplementation(async () =>
    performance.now() < freeAt ? problem(503, 'busy', { 'retry-after': '10' }) : Response.json(answer),
  )
  expect((await run()).result).toEqual({ ok: true, value: answer })
})

test('waits 45 seconds at most, whatever the Retry-After', async () => {
  sent.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '3600' }))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: false, code: 'busy', retryAfterSeconds: 3600 })
  expect(waits.length).toBeGreaterThan(1)
  expect(Math.max(...waits)).toBeLessThanOrEqual(45)
})

test('fails after four retries of lost connections, since the crop may crash hosts', async () => {
  sent.mockImplementation(async () => new Response('Bad gateway', { status: 502 }))
  expect((await run()).result).toBeInstanceOf(Error)
  expect(sent).toHaveBeenCalledTimes(5)
})

test('returns an expected failure at once', async () => {
  sent.mockResolvedValueOnce(problem(409, 'changed'))
  expect((await run()).result).toEqual({ ok: false, code: 'changed' })
  expect(sent).toHaveBeenCalledTimes(1)
})

test.each([
  ['a response without a problem document', () => new Response('<html>', { status: 500 })],
  ['a code that is not in the table', () => problem(418, 'teapot')],
])('throws %s', async (_name, respond) => {
  sent.mockResolvedValueOnce(respond())
  expect((await run()).result).toBeInstanceOf(Error)
})

test('throws a network failure as fetch does', async () => {
  sent.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  expect((await run()).result).toBeInstanceOf(TypeError)
})

test('stops waiting when the signal is aborted', async () => {
  sent.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '5' }))
  const controller = new AbortController()
  const done = requestCrop(request, { signal: controller.signal, onWait: () => controller.abort() }).catch(
    (error: unknown) => error,
  )
  await vi.advanceTimersByTimeAsync(0)
  expect(await done).toMatchObject({ name: 'AbortError' })
  expect(sent).toHaveBeenCalledTimes(1)
})
