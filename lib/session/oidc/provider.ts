import 'server-only'
import * as oidc from 'openid-client'
import { env } from '@/lib/env'
import { clockSkewSeconds } from '@/lib/session/time'
import type { OidcEnv } from '@/lib/sign-in-env'

/** How long the provider's own description counts, in milliseconds. */
const discoveredMs = 60 * 60 * 1000
/** Timeout of one request to the provider, in seconds. A person waits for it. */
const timeoutSeconds = 10
/** A change of the clock's correction that tokens notice, in seconds. */
const maxSkewChange = 10

interface Discovery {
  /** When it began, by `performance.now()`. */
  at: number
  skewSeconds: number
  provider: Promise<oidc.Configuration>
}

let last: Discovery | undefined

/**
 * Returns the provider, as its discovery document describes it (OpenID Connect Discovery 1.0). Tokens are judged by the
 * store's time.
 * @throws if the provider does not answer, or describes another issuer
 */
export function provider(): Promise<oidc.Configuration> {
  const skewSeconds = clockSkewSeconds()
  const isUsable =
    last && performance.now() - last.at < discoveredMs && Math.abs(last.skewSeconds - skewSeconds) <= maxSkewChange
  if (last && isUsable) return last.provider
  const discovery = { at: performance.now(), skewSeconds, provider: discover(oidcEnv(), skewSeconds) }
  last = discovery
  discovery.provider.catch(() => {
    if (last === discovery) last = undefined
  })
  return discovery.provider
}

/** Returns the configuration of the provider. Only in the mode `oidc`. */
export function oidcEnv(): OidcEnv {
  const { oidc: configured } = env()
  if (!configured) throw new Error('AUTH_MODE is not oidc')
  return configured
}

function discover({ issuer, clientId, clientSecret }: OidcEnv, skewSeconds: number): Promise<oidc.Configuration> {
  const url = new URL(issuer)
  const metadata = { client_secret: clientSecret, [oidc.clockSkew]: skewSeconds, [oidc.clockTolerance]: 60 }
  const extensions = [oidc.enableNonRepudiationChecks]
  // Only an issuer on this machine may use http (lib/sign-in-env.ts).
  if (url.protocol === 'http:') extensions.push(oidc.allowInsecureRequests)
  return oidc.discovery(url, clientId, metadata, authenticate(clientSecret), {
    timeout: timeoutSeconds,
    execute: extensions,
  })
}

/** Sends the secret in the way that the provider supports. Without a list, that is Basic (OpenID Connect Core §9). */
function authenticate(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None()
  const [inBody, inHeader] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)]
  return (server, ...request) => {
    const isInBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post')
    return (isInBody ? inBody : inHeader)(server, ...request)
  }
}
