import type { Instrumentation } from 'next'

/**
 * Runs once before a host takes requests. A misconfigured host never starts; whether its store will do it finds out while
 * it is alive already, and not ready yet.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startHost } = await import('@/lib/host/start')
  startHost()
  const { checkBeforeReady } = await import('@/lib/host/readiness')
  void checkBeforeReady()
}

/** What a page threw: logged once, with its causes, under the request's id. Actions and routes log their own. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { log } = await import('@/lib/log')
  const requestId = request.headers['x-request-id']
  log().error({ err: error, requestId, path: request.path.split('?')[0], route: context.routePath }, 'request failed')
}
