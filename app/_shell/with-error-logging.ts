import 'server-only'
import { headers } from 'next/headers'
import { withStoreDeadline } from '@/lib/images/store-deadline'
import { log } from '@/lib/log'
import { type Result, refuse } from '@/lib/result'

/**
 * Runs the work of an action, route or page with the store deadline. A thrown error is a bug or an outage: it is logged
 * once with its cause and becomes `internal`. Errors that control Next's flow pass through.
 * @param name what failed, for the log
 * @param signal the request's signal: an error after the client disconnected is logged as information
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
    if (signal?.aborted) log().info({ requestId, err: error }, `${name}: the client disconnected`)
    else log().error({ err: error, requestId }, `${name} failed`)
    return refuse('internal')
  }
}
