import 'server-only'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { fetchKeys, KeysUnavailable, logOutage } from './keys-unavailable'

/** After this time keys are loaded again, in the background. */
const maxAgeMs = 10 * 60 * 1000
/** The shortest time between two loads. Anyone can send a token with an unknown key id. */
const minIntervalMs = 10_000

interface KeySet {
  /** Returns the key of a token, as jose's `jwtVerify` takes it. @throws KeysUnavailable */
  getKey: JWTVerifyGetKey
  /** Loads the keys if there are none. @throws KeysUnavailable */
  check(): Promise<void>
}

/**
 * Returns the keys at a JWKS URL. In contrast to jose's `createRemoteJWKSet`, an outage of the URL does not affect keys
 * that are known, and requests do not repeat the load while it lasts.
 * @param elapsedMs a clock that no one sets
 */
export function createKeySet(url: string, elapsedMs = () => performance.now()): KeySet {
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

  async function firstKeys() {
    if (!keys) await loadAgain()
    if (!keys) throw outage
    return keys
  }

  return {
    async getKey(header, token) {
      const known = await firstKeys()
      if (elapsedMs() - loadedAtMs > maxAgeMs) void loadAgain()
      try {
        return await known(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      await loadAgain()
      // The key may be new, so this is no proof that the person is signed out.
      if (outage) throw outage
      return (await firstKeys())(header, token)
    },
    async check() {
      await firstKeys()
    },
  }
}
