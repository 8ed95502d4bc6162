import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ok, type Result, refuse } from '@/lib/result'
import { attempt, attemptWithRetries } from './attempt'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const work = () => vi.fn<() => Promise<Result<string>>>()

/** As Next's client throws what the balancer answered to an action. */
const fromBalancer = (code: string) => new Error(`{"type":"about:blank","title":"…","code":"${code}","status":503}`)

/** Runs an attempt through all its waits. */
async function run(tried: () => Promise<Result<string>>) {
  const done = attemptWithRetries(tried).catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  return done
}

test('what comes back is handed on, a refusal too, and asked for once', async () => {
  const done = work().mockResolvedValue(ok('done'))
  expect(await run(done)).toEqual({ ok: true, value: 'done' })
  const refused = work().mockResolvedValue(refuse('deleted'))
  expect(await run(refused)).toEqual({ ok: false, code: 'deleted' })
  expect(done).toHaveBeenCalledOnce()
  expect(refused).toHaveBeenCalledOnce()
})

test('without an answer it is unreachable, a bug or an outage is internal', async () => {
  expect(await run(work().mockRejectedValue(new TypeError('fetch failed')))).toEqual({ ok: false, code: 'unreachable' })
  expect(await run(work().mockRejectedValue(new Error('An unexpected response')))).toEqual({
    ok: false,
    code: 'internal',
  })
})

test("Next's own control flow is passed on", async () => {
  const redirect = Object.assign(new Error('redirect'), { digest: 'NEXT_REDIRECT;push;/' })
  expect(await run(work().mockRejectedValue(redirect))).toBe(redirect)
})

test('what the balancer turned away is tried again until a host takes it', async () => {
  const tried = work().mockRejectedValueOnce(fromBalancer('busy')).mockRejectedValueOnce(fromBalancer('busy'))
  tried.mockResolvedValueOnce(ok('done'))
  expect(await run(tried)).toEqual({ ok: true, value: 'done' })
  expect(tried).toHaveBeenCalledTimes(3)
})

test('what a host turned away as busy is tried again, unless it waits by itself', async () => {
  const tried = work()
    .mockResolvedValueOnce(refuse('busy', { retryAfterSeconds: 1 }))
    .mockResolvedValue(ok('done'))
  expect(await run(tried)).toEqual({ ok: true, value: 'done' })
  expect(tried).toHaveBeenCalledTimes(2)
  const once = work().mockResolvedValue(refuse('busy'))
  expect(await attempt(once)).toEqual({ ok: false, code: 'busy' })
  expect(once).toHaveBeenCalledOnce()
})

test('what the balancer goes on turning away is busy in the end, after 15 to 23 seconds', async () => {
  const tried = work().mockRejectedValue(fromBalancer('busy'))
  const beganAt = Date.now()
  expect(await run(tried)).toEqual({ ok: false, code: 'busy' })
  expect(tried).toHaveBeenCalledTimes(5)
  expect(Date.now() - beganAt).toBeGreaterThanOrEqual(15_000)
  expect(Date.now() - beganAt).toBeLessThanOrEqual(23_000)
})

test('what broke off at a host may have been done: it is not tried again by itself', async () => {
  const tried = work().mockRejectedValue(fromBalancer('internal'))
  expect(await run(tried)).toEqual({ ok: false, code: 'internal' })
  expect(tried).toHaveBeenCalledOnce()
})
