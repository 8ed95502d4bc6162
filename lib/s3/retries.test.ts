import type { RetryErrorInfo, RetryToken } from '@smithy/types'
import { afterEach, expect, test, vi } from 'vitest'
import { maxAttempts, retryStrategy } from './retries'

const now = Date.UTC(2026, 10, 27)

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Returns the delay before each retry of a request that fails like this, in milliseconds. */
async function delaysOf(error: RetryErrorInfo): Promise<number[]> {
  const delays: number[] = []
  let token: RetryToken | null = await retryStrategy.acquireInitialRetryToken('')
  expect(token.getRetryDelay()).toBe(0)
  while (token) {
    token = await retryStrategy.refreshRetryTokenForRetry(token, error).catch(() => null)
    if (token) delays.push(token.getRetryDelay())
  }
  return delays
}

test('retries transient errors with growing delays, up to a limit', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  expect(await delaysOf({ errorType: 'TRANSIENT' })).toEqual([100, 200, 400, 800, 1000])
  expect(await delaysOf({ errorType: 'THROTTLING' })).toEqual([500, 1000, 2000, 4000, 5000])
  expect(maxAttempts).toBe(6)
})

test('spreads simultaneous retries: each waits 50 to 100 % of the delay', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  expect(await delaysOf({ errorType: 'TRANSIENT' })).toEqual([50, 100, 200, 400, 500])
})

test('follows a longer Retry-After of the store, up to a limit', async () => {
  vi.useFakeTimers({ now })
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const delaysFor = (ms: number) => delaysOf({ errorType: 'THROTTLING', retryAfterHint: new Date(now + ms) })
  expect(await delaysFor(3_000)).toEqual([3000, 3000, 3000, 4000, 5000])
  expect(await delaysFor(3_600_000)).toEqual([5000, 5000, 5000, 5000, 5000])
  expect(await delaysFor(-3_600_000)).toEqual([500, 1000, 2000, 4000, 5000])
})

test('does not retry other errors', async () => {
  expect(await delaysOf({ errorType: 'CLIENT_ERROR' })).toEqual([])
})
