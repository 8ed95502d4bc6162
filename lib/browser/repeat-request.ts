import type { Result } from '@/lib/result'
import { attemptWithRetries, type Failure, sleep } from './attempt'

/** How often a request is tried. */
export const maxTries = 4

/**
 * Sends a request that can be repeated, and again if its host dies or fails.
 * @throws the signal's reason once it is aborted
 */
export async function repeatRequest<T>(
  request: () => Promise<Result<T>>,
  signal?: AbortSignal,
): Promise<{ ok: true; value: T } | Failure> {
  for (let tries = 1; ; tries += 1) {
    const result = await attemptWithRetries(request)
    const isTemporary = !result.ok && (result.code === 'unreachable' || result.code === 'internal')
    if (!isTemporary || tries === maxTries) return result
    await sleep(tries, signal)
  }
}
