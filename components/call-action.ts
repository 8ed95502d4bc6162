import { unstable_isUnrecognizedActionError as isUnknownToThisHost } from 'next/navigation'
import { attempt, type Failure } from '@/lib/browser/attempt'
import type { Result } from '@/lib/images/errors'

/**
 * Runs a server action as `attempt` does. A host of another build than this page's does not know the action's id: then
 * the same is asked of the route that every build has (`lib/browser/routes`), and nobody notices.
 */
export function callAction<I extends unknown[], O>(
  action: (...input: I) => Promise<Result<O>>,
  route: (...input: I) => Promise<Result<O>>,
  ...input: I
): Promise<{ ok: true; value: O } | Failure> {
  return attempt(async () => {
    try {
      return await action(...input)
    } catch (error) {
      // It was turned away before anything of it ran, so that asking again does nothing twice.
      if (isUnknownToThisHost(error)) return route(...input)
      throw error
    }
  })
}
