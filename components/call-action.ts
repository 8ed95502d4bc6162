import { unstable_isUnrecognizedActionError as isUnknownToThisHost } from 'next/navigation'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { isRefreshing } from '@/lib/browser/page-lock'
import type { Result } from '@/lib/result'

/**
 * Runs a server action with `attemptWithRetries`. A host of another build does not know the action's id: then the same
 * request goes to the HTTP API, which every build has.
 */
export function callAction<I extends unknown[], O>(
  action: (...input: I) => Promise<Result<O>>,
  route: (...input: I) => Promise<Result<O>>,
  ...input: I
): Promise<{ ok: true; value: O } | Failure> {
  return attemptWithRetries(async () => {
    // Next queues the action behind the refresh. If another build answers that, Next reloads the page and drops the action.
    if (isRefreshing()) return route(...input)
    try {
      return await action(...input)
    } catch (error) {
      // The host rejected it before any of it ran, so a second request repeats nothing.
      if (isUnknownToThisHost(error)) return route(...input)
      throw error
    }
  })
}
