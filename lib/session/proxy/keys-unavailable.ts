import 'server-only'
import { log } from '@/lib/log'

/** The keys that verify people's tokens cannot be loaded: an outage, which must not look like "signed out". */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable'
}

const timeoutMs = 5_000

/** Fetches keys. @throws Error if the server does not answer within five seconds. The URL comes from the configuration. */
export function fetchKeys(url: string): Promise<Response> {
  // A redirect could lead to keys of someone else. Next caches what it fetches, unless it must not.
  return fetch(url, { redirect: 'error', cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
}

/** Logs that keys cannot be loaded. Call it once per outage: requests fail many times a second. */
export function logOutage(url: string, error: unknown): void {
  const { origin, pathname } = new URL(url)
  log().error(
    { operation: 'load keys', target: `${origin}${pathname}`, err: error },
    'loading the keys that verify sign-ins failed; people with a known key stay signed in. Check the URL and the network',
  )
}
