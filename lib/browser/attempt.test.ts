import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ok, type Result, refuse } from '@/lib/result'
import { attempt, attemptWithRetries } from './attempt'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const work = () => vi.fn<() => Promise<Result<string>>>()

/** The error that Next's client throws for the balancer's response to an action. */
const fromBalancer = (code: string) => new Error(`{"type":"about:blank","title":"…","code":"${code}","status":503}`)

/** Runs an attempt, and skips its waits. */
async function run(action: () => Promise<Result<string>>) {
  const done = attemptWithRetries(action).catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  return done
}

test('returns a value or an expected failure, without retries', async () => {
  const done = work().mockResolvedValue(ok('done'))
  expect(await run(done)).toEqual({ ok: true, value: 'done' })
  const refused = work().mockResolvedValue(refuse('deleted'))
  expect(await run(refused)).toEqual({ ok: false, code: 'deleted' })
  expect(done).toHaveBeenCalledOnce()
  expect(refused).toHaveBeenCalledOnce()
})

test('returns unreachable without a response, and internal for other errors', async () => {
  expect(await run(work().mockRejectedValue(new TypeError('fetch failed')))).toEqual({ ok: false, code: 'unreachable' })
  expect(await run(work().mockRejectedValue(new Error('An unexpected response')))).toEqual({
    ok: false,
    code: 'internal',
  })
})

test("throws Next's own control flow", async () => {
  const redirect = Object.assign(new Error('redirect'), { digest: 'NEXT_REDIRECT;push;/' })
  expect(await run(work().mockRejectedValue(redirect))).toBe(redirect)
})

test('retries what the balancer rejected as busy until a host accepts it', async () => {
  const action = work().mockRejectedValueOnce(fromBalancer('busy')).mockRejectedValueOnce(fromBalancer('busy'))
  action.mockResolvedValueOnce(ok('done'))
  expect(await run(action)).toEqual({ ok: true, value: 'done' })
  expect(action).toHaveBeenCalledTimes(3)
})

test('retries what a host rejected as busy; attempt does not', async () => {
  const action = work()
    .mockResolvedValueOnce(refuse('busy', { retryAfterSeconds: 1 }))
    .mockResolvedValue(ok('done'))
  expect(await run(action)).toEqual({ ok: true, value: 'done' })
  expect(action).toHaveBeenCalledTimes(2)
  const once = work().mockResolvedValue(refuse('busy'))
  expect(await attempt(once)).toEqual({ ok: false, code: 'busy' })
  expect(once).toHaveBeenCalledOnce()
})

test('returns busy after 15 to 23 seconds of retries', async () => {
  const action = work().mockRejectedValue(fromBalancer('busy'))
  const startedAt = Date.now()
  expect(await run(action)).toEqual({ ok: false, code: 'busy' })
  expect(action).toHaveBeenCalledTimes(5)
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(15_000)
  expect(Date.now() - startedAt).toBeLessThanOrEqual(23_000)
})

test('does not retry after a lost connection, since the work may be done', async () => {
  const action = work().mockRejectedValue(fromBalancer('internal'))
  expect(await run(action)).toEqual({ ok: false, code: 'internal' })
  expect(action).toHaveBeenCalledOnce()
})
