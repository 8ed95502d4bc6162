import 'server-only'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { fetchKeys, KeysUnavailable, logOutage } from './keys-unavailable'

/** The keys to keep. A region uses a few. */
const maxKeys = 100
/** How many unknown key ids a host looks up within `windowMs`. Anyone can send a token with an invented one. */
const maxLookups = 10
const windowMs = 10_000

/** Returns the URL in front of the key ids of a load balancer's region, as AWS documents it for each partition. */
export function albKeyBase(arn: string): string {
  const [, partition, , region] = arn.split(':')
  if (partition === 'aws-us-gov') return `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}`
  return `https://public-keys.auth.elb.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`
}

/**
 * Returns a function that finds the public key of a key id, or null if AWS has none. It keeps the keys it has found.
 * @throws KeysUnavailable from that function
 */
export function createAlbKeys(
  keyBase: string,
  elapsedMs = () => performance.now(),
): (kid: string) => Promise<KeyObject | null> {
  const keys = new Map<string, KeyObject>()
  const lookups = new Map<string, { atMs: number; result: Promise<KeyObject | null> }>()
  let hasOutage = false

  async function load(kid: string): Promise<KeyObject | null> {
    try {
      const key = await fetchKey(`${keyBase}/${kid}`)
      hasOutage = false
      if (!key) return null
      keys.set(kid, key)
      const [oldest] = keys.keys()
      if (keys.size > maxKeys && oldest) keys.delete(oldest)
      return key
    } catch (error) {
      if (!hasOutage) logOutage(`${keyBase}/${kid}`, error)
      hasOutage = true
      throw new KeysUnavailable('the key that verifies sign-ins cannot be loaded', { cause: error })
    }
  }

  return async (kid) => {
    const known = keys.get(kid)
    if (known) return known
    for (const [looked, { atMs }] of lookups) if (elapsedMs() - atMs >= windowMs) lookups.delete(looked)
    const running = lookups.get(kid)
    if (running) return running.result
    if (lookups.size >= maxLookups) throw new KeysUnavailable('too many unknown keys within ten seconds')
    const result = load(kid)
    lookups.set(kid, { atMs: elapsedMs(), result })
    return result
  }
}

async function fetchKey(url: string): Promise<KeyObject | null> {
  const response = await fetchKeys(url)
  // S3 answers 403 for an absent key to those who may not list.
  if (response.status === 403 || response.status === 404) return null
  if (response.status !== 200) throw new Error(`status ${response.status} instead of 200`)
  const key = createPublicKey(await response.text())
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('the key is not one of P-256')
  return key
}
