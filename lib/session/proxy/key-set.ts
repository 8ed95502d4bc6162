import 'server-only'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { fetchKeys, KeysUnavailable, logOutage } from './keys-unavailable'

/** After this time keys are loaded again, in the background. */
const maxAgeMs = 10 * 60 * 1000
/** The shortest time between two loads. Anyone can send a token with an unknown key id. */
const minIntervalMs = 10_000

/**
 * Returns the keys at a JWKS URL as jose's `jwtVerify` takes them. In contrast to jose's `createRemoteJWKSet`, an outage
 * of the URL does not affect keys that are known, and is not asked for again with every request.
 * @param elapsedMs a clock that no one sets
 */
export function createKeySet(url: string, elapsedMs = () => performance.now()): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let loadedAtMs = 0
  let triedAtMs = Number.NEGATIVE_INFINITY
  let outage: KeysUnavailable | undefined
  let loading: Promise<void> | undefined

  async function load(): Promise<void> {
    triedAtMs = elapsedMs()
    try {
      const response = await fetchKeys(url)
      if (response.status !== 200) throw new Error(`status ${response.status} instead of 200`)
      keys = createLocalJWKSet((await response.json()) as JSONWebKeySet)
      loadedAtMs = elapsedMs()
      outage = undefined
    } catch (error) {
      if (!outage) logOutage(url, error)
      outage = new KeysUnavailable('the keys that verify sign-ins cannot be loaded', { cause: error })
    }
  }

  /** Loads the keys, unless they were just loaded. Requests at the same time share one load. */
  async function loadAgain(): Promise<void> {
    if (!loading && elapsedMs() - triedAtMs >= minIntervalMs) {
      loading = load().finally(() => {
        loading = undefined
      })
    }
    await loading
  }

  return async (header, token) => {
    if (!keys) await loadAgain()
    else if (elapsedMs() - loadedAtMs > maxAgeMs) void loadAgain()
    if (!keys) throw outage
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    }
    await loadAgain()
    // The key may be new, so this is no proof that the person is signed out.
    if (outage) throw outage
    return keys(header, token)
  }
}
