import 'server-only'
import * as oidc from 'openid-client'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { describeFailure } from './failures'
import { takeIdToken } from './id-token'
import { oidcEnv, provider } from './provider'

/**
 * Returns where a browser goes to sign out at the provider too; null if the provider has no such address, or does not
 * answer. The provider then sends it to the first page.
 */
export async function signOutUrl(): Promise<string | null> {
  const idToken = await takeIdToken()
  try {
    const server = await provider()
    if (!server.serverMetadata().end_session_endpoint) return null
    const url = oidc.buildEndSessionUrl(server, {
      post_logout_redirect_uri: `${env().appOrigin}/`,
      ...(idToken && { id_token_hint: idToken }),
    })
    return url.href
  } catch (error) {
    log().error({ issuer: oidcEnv().issuer, ...describeFailure(error) }, 'signed out here, but not at the provider')
    return null
  }
}
