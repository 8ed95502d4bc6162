import { unstable_isUnrecognizedActionError as isUnknownToThisHost } from 'next/navigation'
import { attemptPatiently, type Failure } from '@/lib/browser/attempt'
import { isRefreshing } from '@/lib/browser/refreshing'
import type { Result } from '@/lib/images/errors'

/**
 * Runs a server action as `attemptPatiently` does. A host of another build than this page's does not know the action's id: then
 * the same is asked of the route that every build has (`lib/browser/routes`), and nobody notices.
 */
export function callAction<I extends unknown[], O>(
  action: (...input: I) => Promise<Result<O>>,
  route: (...input: I) => Promise<Result<O>>,
  ...input: I
): Promise<{ ok: true; value: O } | Failure> {
  return attemptPatiently(async () => {
    // Next would keep the action until the page is there; where that is of another build, it loads it as a whole, and
    // what was pressed meanwhile would be lost.
    if (isRefreshing()) return route(...input)
    try {
      return await action(...input)
    } catch (error) {
      // It was turned away before anything of it ran, so that asking again does nothing twice.
      if (isUnknownToThisHost(error)) return route(...input)
      throw error
    }
  })
}
