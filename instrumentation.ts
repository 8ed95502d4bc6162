import type { Instrumentation } from 'next'

/**
 * Runs once before the host accepts requests. A misconfigured host does not start. The self-checks of the store
 * and of the sign-in run while the host is up but not ready.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startHost } = await import('@/lib/host/start')
  await startHost()
  const { checkBeforeReady } = await import('@/lib/host/readiness')
  void checkBeforeReady()
  const { env } = await import('@/lib/env')
  if (env().authMode === 'oidc') void (await import('@/lib/session/oidc/check-provider')).checkProvider()
  if (env().authMode === 'proxy') void (await import('@/lib/session/proxy/check-keys')).checkProxyKeys()
}

/** Logs what a page threw, with its causes and the request id. Actions and routes log their own errors. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { log } = await import('@/lib/log')
  const requestId = request.headers['x-request-id']
  log().error({ err: error, requestId, path: request.path.split('?')[0], route: context.routePath }, 'request failed')
}
