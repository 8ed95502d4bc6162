import 'server-only'
import { log } from '@/lib/log'
import { describeFailure } from './failures'
import { oidcEnv, provider } from './provider'

/**
 * Logs whether people can sign in, when a host starts. A host starts anyway: the people who are signed in need no
 * provider, and the next sign-in asks it again.
 */
export async function checkProvider(): Promise<void> {
  const { issuer } = oidcEnv()
  try {
    const server = (await provider()).serverMetadata()
    const methods = server.code_challenge_methods_supported
    // A provider need not list them (RFC 8414 §2), and may ignore PKCE.
    if (methods && !methods.includes('S256')) {
      log().warn({ issuer, methods, fix: 'turn on PKCE with S256 at the provider' }, 'self-check: sign-in warning')
      return
    }
    log().info({ issuer, signsOut: server.end_session_endpoint !== undefined }, 'self-check: sign-in ok')
  } catch (error) {
    const fix = 'check OIDC_ISSUER, and that this host reaches its /.well-known/openid-configuration'
    log().error({ issuer, ...describeFailure(error), fix }, 'self-check: sign-in failed')
  }
}
