import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Env } from '@/lib/env'

/** The policy of responses that load nothing. `proxy.ts` replaces it for pages. */
const emptyPolicy = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Returns the headers of every response of a host (security S23, S39). Names are in lower case. */
export function responseHeaders(
  { hostName, isHttps }: Pick<Env, 'hostName' | 'isHttps'>,
  requestId: string,
): Record<string, string> {
  return {
    'x-served-by': hostName,
    'x-request-id': requestId,
    'content-security-policy': emptyPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
    ...(isHttps && {
      'strict-transport-security': 'max-age=31536000',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    }),
  }
}

/** Returns the request id that a client or balancer sent, or a new one if it sent none or an invalid one. */
export function requestIdOf(received: string | null | undefined): string {
  return received && /^[\w.-]{8,128}$/.test(received) ? received : randomUUID()
}
