import 'server-only'
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types'

/** The first try included. */
export const maxAttempts = 6

/**
 * Retries a request with exponential backoff and jitter, so that a store that restarts within a second is no failure.
 * The deadline of the step limits all tries together. The SDK's own strategy has a quota that all requests of a client
 * share: once it is used up, the first failure ends a step (docs/decisions/008).
 */
export const retryStrategy: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => createToken(0, 0),
  async refreshRetryTokenForRetry(token, error) {
    const retries = token.getRetryCount() + 1
    const isTransient = error.errorType === 'TRANSIENT' || error.errorType === 'THROTTLING'
    // The SDK catches this and throws the request's own error.
    if (!isTransient || retries >= maxAttempts) throw new Error('no retry')
    return createToken(retries, delayBefore(retries, error))
  },
  // There is no quota to refill.
  recordSuccess() {},
}

/** Returns 50 to 100 % of the delay in milliseconds, or the store's Retry-After if that is longer, up to a limit. */
function delayBefore(retries: number, { errorType, retryAfterHint }: RetryErrorInfo): number {
  const { firstMs, longestMs } = errorType === 'THROTTLING' ? delays.throttled : delays.usual
  const delayMs = Math.min(firstMs * 2 ** (retries - 1), longestMs) * (1 - Math.random() / 2)
  const retryAfterMs = retryAfterHint ? retryAfterHint.getTime() - Date.now() : 0
  return Math.max(delayMs, Math.min(retryAfterMs, delays.throttled.longestMs))
}

const delays = {
  usual: { firstMs: 100, longestMs: 1_000 },
  throttled: { firstMs: 500, longestMs: 5_000 },
}

const createToken = (retries: number, delayMs: number): RetryToken => ({
  getRetryCount: () => retries,
  getRetryDelay: () => delayMs,
})
