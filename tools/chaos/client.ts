import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpRequest, type HttpResponse, sendRequest } from '@/tools/testing/http'
import type { Choices } from './choices'
import type { Tally } from './tally'

/** The longest time of one step with all its tries, in milliseconds. Afterwards the flow counts as stuck. */
export const stuckAfterMs = 150_000
const longestWaitMs = 5_000

/** The last response of a step, and the number of tries without a response. */
export interface Outcome extends HttpResponse {
  lost: number
}

/** A flow cannot continue: a step had no good response within `stuckAfterMs`, or one that a retry does not change. */
export class Stuck extends Error {}

/**
 * Retries a request after temporary failures, with backoff, jitter and Retry-After. Some tries have a long timeout and
 * some a short one, so that on a frozen host the first try may still be running when the next one is done.
 * @throws Stuck after `stuckAfterMs`
 */
export async function sendWithRetries(
  name: string,
  request: HttpRequest,
  choices: Choices,
  tally: Tally,
): Promise<Outcome> {
  const startedAt = performance.now()
  let lost = 0
  for (let attempt = 0; ; attempt += 1) {
    const timeoutMs = choices.whole(3_000, 15_000)
    const result = await sendRequest(request, timeoutMs).catch((error: NodeJS.ErrnoException) => error)
    const failure = toFailure(result)
    if (!failure) {
      tally.step(name, performance.now() - startedAt)
      return { ...(result as HttpResponse), lost }
    }
    if (failure.isLost) lost += 1
    tally.retry(failure.why)
    const retryAfterMs = result instanceof Error ? 0 : Number(result.headers['retry-after'] ?? 0) * 1000
    const waitMs = Math.min(retryAfterMs || 200 * 2 ** attempt, longestWaitMs) * choices.between(1, 1.5)
    if (performance.now() - startedAt + waitMs > stuckAfterMs) {
      throw new Stuck(`${name} failed ${attempt + 1} times in ${stuckAfterMs / 1000} s; the last error: ${failure.why}`)
    }
    await sleep(waitMs)
  }
}

/**
 * Returns why a try must be repeated, or null for a final response.
 * @returns `isLost`: the server may have executed the request, or may still be executing it
 */
function toFailure(result: HttpResponse | NodeJS.ErrnoException): { why: string; isLost: boolean } | null {
  if (result instanceof Error) {
    // Node's codes for a request that cannot be sent.
    if (String(result.code).startsWith('ERR_')) throw result
    const why = result.code === 'ETIMEDOUT' ? 'no response' : (result.code ?? result.message)
    return { why, isLost: why !== 'ECONNREFUSED' }
  }
  // `busy`, or a balancer without hosts: nothing has started.
  if (result.status === 503) return { why: '503', isLost: false }
  return result.status >= 500 ? { why: String(result.status), isLost: true } : null
}
