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

const asked = vi.fn<typeof fetch>()

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', asked)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  asked.mockReset()
})

const problem = (status: number, code: string, headers = {}) =>
  Response.json({ code, status }, { status, headers: { 'content-type': 'application/problem+json', ...headers } })

/** Runs a request through all its waits. */
async function run(signal = new AbortController().signal) {
  const waits: number[] = []
  const done = requestCrop(request, { signal, onWait: (seconds) => waits.push(seconds) }).catch(
    (error: unknown) => error,
  )
  await vi.runAllTimersAsync()
  return { result: await done, waits }
}

test('the answer is handed on', async () => {
  asked.mockResolvedValueOnce(Response.json(answer))
  expect(await run()).toEqual({ result: { ok: true, value: answer }, waits: [] })
  expect(asked.mock.calls[0]?.[0]).toBe('/api/crop')
  expect(JSON.parse(String(asked.mock.calls[0]?.[1]?.body))).toEqual(request)
})

test('a busy server is waited for as long as it asks, and asked again', async () => {
  asked.mockResolvedValueOnce(problem(503, 'busy', { 'retry-after': '2' })).mockResolvedValueOnce(Response.json(answer))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: true, value: answer })
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeGreaterThanOrEqual(2)
  expect(waits[0]).toBeLessThanOrEqual(3)
})

test('a balancer without a living host is asked again', async () => {
  asked.mockResolvedValueOnce(new Response('Bad gateway', { status: 502 })).mockResolvedValueOnce(Response.json(answer))
  expect((await run()).result).toEqual({ ok: true, value: answer })
})

test('a server that stays busy is waited for two minutes, and then told to the person', async () => {
  asked.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '3' }))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: false, code: 'busy', retryAfterSeconds: 3 })
  const waited = waits.reduce((sum, seconds) => sum + seconds, 0)
  expect(waited).toBeGreaterThan(110)
  // Each is told in whole seconds, upwards.
  expect(waited - waits.length).toBeLessThanOrEqual(120)
})

test('a server that is busy for a minute and a half is waited for', async () => {
  const freeAt = performance.now() + 90_000
  asked.mockImplementation(async () =>
    performance.now() < freeAt ? problem(503, 'busy', { 'retry-after': '10' }) : Response.json(answer),
  )
  expect((await run()).result).toEqual({ ok: true, value: answer })
})

test('no wait is longer than three quarters of a minute, whatever is asked for', async () => {
  asked.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '3600' }))
  const { result, waits } = await run()
  expect(result).toEqual({ ok: false, code: 'busy', retryAfterSeconds: 3600 })
  expect(waits.length).toBeGreaterThan(1)
  expect(Math.max(...waits)).toBeLessThanOrEqual(45)
})

test('a crop that breaks off every time is given up after four more tries: it may be what breaks them', async () => {
  asked.mockImplementation(async () => new Response('Bad gateway', { status: 502 }))
  expect((await run()).result).toBeInstanceOf(Error)
  expect(asked).toHaveBeenCalledTimes(5)
})

test('a refusal is handed on with its code, at once', async () => {
  asked.mockResolvedValueOnce(problem(409, 'changed'))
  expect((await run()).result).toEqual({ ok: false, code: 'changed' })
  expect(asked).toHaveBeenCalledTimes(1)
})

test.each([
  ['an answer that is no problem document', () => new Response('<html>', { status: 500 })],
  ['a code that is not in the table', () => problem(418, 'teapot')],
])('%s is thrown', async (_name, respond) => {
  asked.mockResolvedValueOnce(respond())
  expect((await run()).result).toBeInstanceOf(Error)
})

test('a network failure is thrown as fetch throws it', async () => {
  asked.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  expect((await run()).result).toBeInstanceOf(TypeError)
})

test('cancelling ends the wait', async () => {
  asked.mockImplementation(async () => problem(503, 'busy', { 'retry-after': '5' }))
  const controller = new AbortController()
  const done = requestCrop(request, { signal: controller.signal, onWait: () => controller.abort() }).catch(
    (error: unknown) => error,
  )
  await vi.advanceTimersByTimeAsync(0)
  expect(await done).toMatchObject({ name: 'AbortError' })
  expect(asked).toHaveBeenCalledTimes(1)
})
