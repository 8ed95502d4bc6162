import 'server-only'
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types'

/** How often a request is sent at most, its first time included. */
export const maxAttempts = 6

/**
 * How the SDK tries a request to the store again: longer each time, with jitter, so that a store that is away for a
 * second, as when its process is restarted, is waited for. A step's patience limits all of it. The SDK's own strategy has
 * a quota that all requests of a client share, and ends a step at the first failure once it is used up
 * (docs/decisions/008).
 */
export const patientRetries: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => tokenOf(0, 0),
  async refreshRetryTokenForRetry(token, error) {
    const retries = token.getRetryCount() + 1
    const isPassing = error.errorType === 'TRANSIENT' || error.errorType === 'THROTTLING'
    // The SDK throws the request's own error in its place.
    if (!isPassing || retries >= maxAttempts) throw new Error('not to be tried again')
    return tokenOf(retries, delayMsOf(retries, error))
  },
  // Nothing is counted over requests.
  recordSuccess() {},
}

/** Between half of the delay and all of it; longer where the store asks for that, within limits. */
function delayMsOf(retries: number, { errorType, retryAfterHint }: RetryErrorInfo): number {
  const { firstMs, longestMs } = errorType === 'THROTTLING' ? delays.throttled : delays.usual
  const delayMs = Math.min(firstMs * 2 ** (retries - 1), longestMs) * (1 - Math.random() / 2)
  const askedMs = retryAfterHint ? retryAfterHint.getTime() - Date.now() : 0
  return Math.max(delayMs, Math.min(askedMs, delays.throttled.longestMs))
}

const delays = {
  usual: { firstMs: 100, longestMs: 1_000 },
  throttled: { firstMs: 500, longestMs: 5_000 },
}

const tokenOf = (retries: number, delayMs: number): RetryToken => ({
  getRetryCount: () => retries,
  getRetryDelay: () => delayMs,
})
