import 'server-only'
import { env } from '@/lib/env'
import { perProcess } from '@/lib/per-process'
import type { ProxyEnv } from '@/lib/proxy-env'
import type { Identity } from '@/lib/session/user'
import type { Verifier } from './identity'
import { createAlbVerifier } from './verify-alb-token'
import { createJwtVerifier } from './verify-jwt'

/** Longer values are no token of a proxy. */
const maxTokenCharacters = 16 * 1024

/**
 * Returns the person whom a proxy in front of the hosts has signed in, or null. Only a signed token counts; headers such
 * as `x-forwarded-user` never do (security S29). API clients may send the same token as `Authorization: Bearer`.
 * @throws KeysUnavailable during an outage of the keys
 */
export async function readProxyIdentity(headers: Headers): Promise<Identity | null> {
  const { proxy } = env()
  if (!proxy) return null
  const token = readToken(headers, headerOf(proxy))
  return token ? verifierOf(proxy).verify(token) : null
}

const headerOf = (proxy: ProxyEnv) => (proxy.kind === 'alb' ? 'x-amzn-oidc-data' : proxy.header)

/** The proxy's header decides if it is there: a client cannot choose another person beside it. */
function readToken(headers: Headers, name: string): string | null {
  const value = headers.get(name) ?? readBearer(headers.get('authorization'))
  if (value === null || value.length > maxTokenCharacters) return null
  // Two headers of one name arrive as `a, b`, which is no token.
  return readBearer(value) ?? value
}

function readBearer(value: string | null): string | null {
  return value?.match(/^Bearer +(.*)$/i)?.[1] ?? null
}

/** Returns the verifier of this host. */
export function verifierOf(proxy: ProxyEnv): Verifier {
  return perProcess('proxy-verifier', () =>
    proxy.kind === 'alb' ? createAlbVerifier(proxy.arn) : createJwtVerifier(proxy),
  )
}
