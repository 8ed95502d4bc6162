import 'server-only'
import { headers } from 'next/headers'
import { withStoreDeadline } from '@/lib/images/store-deadline'
import { log } from '@/lib/log'
import { type Result, refuse } from '@/lib/result'

/**
 * The outer edge of actions and routes. Gives the step its deadline; logs once, with its cause, what is thrown below, a
 * bug or an outage, and answers generically. Next's own control flow passes.
 * @param name what failed, for the log
 * @param signal of the request: what ends because its client went away is no failure
 */
export async function withErrorLogging<T>(
  name: string,
  work: () => Promise<Result<T>>,
  signal?: AbortSignal,
): Promise<Result<T>> {
  try {
    return await withStoreDeadline(work)
  } catch (error) {
    if (error instanceof Error && 'digest' in error) throw error
    const requestId = (await headers()).get('x-request-id')
    if (signal?.aborted) log().info({ requestId, why: String(error) }, `${name}: the client went away`)
    else log().error({ err: error, requestId }, `${name} failed`)
    return refuse('internal')
  }
}
