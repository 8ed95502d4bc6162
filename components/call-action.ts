import { unstable_isUnrecognizedActionError as isUnknownAction } from 'next/navigation'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { isRefreshing } from '@/lib/browser/page-lock'
import { isBehindProxy } from '@/lib/browser/sign-in'
import type { Result } from '@/lib/result'

/**
 * Runs a server action with `attemptWithRetries`. If a host of another build does not know the action's id, the same
 * request goes to the HTTP API (`route`), which every build has. Behind a proxy that signs people in, all requests do.
 */
export function callAction<I extends unknown[], O>(
  action: (...input: I) => Promise<Result<O>>,
  route: (...input: I) => Promise<Result<O>>,
  ...input: I
): Promise<{ ok: true; value: O } | Failure> {
  return attemptWithRetries(async () => {
    // Next queues an action behind a refresh. If another build answers the refresh, Next reloads and drops the action.
    // Nor does its client understand the answer of a proxy whose session has ended.
    if (isRefreshing() || isBehindProxy()) return route(...input)
    try {
      return await action(...input)
    } catch (error) {
      // The host rejected the action before it ran, so nothing happens twice.
      if (isUnknownAction(error)) return route(...input)
      throw error
    }
  })
}
