import type { RetryErrorInfo, RetryToken } from '@smithy/types'
import { afterEach, expect, test, vi } from 'vitest'
import { maxAttempts, patientRetries } from './retries'

const now = Date.UTC(2026, 10, 27)

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** How long each further try of a request that fails like this waits, in milliseconds, until there is none. */
async function delaysOf(error: RetryErrorInfo): Promise<number[]> {
  const delays: number[] = []
  let token: RetryToken | null = await patientRetries.acquireInitialRetryToken('')
  expect(token.getRetryDelay()).toBe(0)
  while (token) {
    token = await patientRetries.refreshRetryTokenForRetry(token, error).catch(() => null)
    if (token) delays.push(token.getRetryDelay())
  }
  return delays
}

test('what passes is tried again, longer each time, so often and no more', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  expect(await delaysOf({ errorType: 'TRANSIENT' })).toEqual([100, 200, 400, 800, 1000])
  expect(await delaysOf({ errorType: 'THROTTLING' })).toEqual([500, 1000, 2000, 4000, 5000])
  expect(maxAttempts).toBe(6)
})

test('requests that failed together do not come again together: each waits between half of it and all', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  expect(await delaysOf({ errorType: 'TRANSIENT' })).toEqual([50, 100, 200, 400, 500])
})

test('a store that asks for longer is waited for so long, within limits', async () => {
  vi.useFakeTimers({ now })
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const asking = (ms: number) => delaysOf({ errorType: 'THROTTLING', retryAfterHint: new Date(now + ms) })
  expect(await asking(3_000)).toEqual([3000, 3000, 3000, 4000, 5000])
  expect(await asking(3_600_000)).toEqual([5000, 5000, 5000, 5000, 5000])
  expect(await asking(-3_600_000)).toEqual([500, 1000, 2000, 4000, 5000])
})

test('what would fail again is not tried again', async () => {
  expect(await delaysOf({ errorType: 'CLIENT_ERROR' })).toEqual([])
})
