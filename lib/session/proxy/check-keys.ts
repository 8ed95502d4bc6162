import 'server-only'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { verifierOf } from './read-identity'

/**
 * Loads the keys of the proxy when a host starts, and logs whether that works. A host starts anyway, and loads them again
 * with the next request.
 */
export async function checkProxyKeys(): Promise<void> {
  const { proxy } = env()
  if (!proxy) return
  const signer = proxy.kind === 'alb' ? { arn: proxy.arn } : { issuer: proxy.issuer, audience: proxy.audience }
  try {
    await verifierOf(proxy).check()
    log().info(signer, 'self-check: sign-in ok')
  } catch (error) {
    const fix = `check ${proxy.kind === 'alb' ? 'PROXY_ALB_ARN' : 'PROXY_JWKS_URL'}, and that this host reaches the keys`
    log().error({ ...signer, err: error, fix }, 'self-check: sign-in failed')
  }
}
