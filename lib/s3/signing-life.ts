import 'server-only'
import type { Bucket } from './client'

/** Shortest time between two early refreshes of the credentials, in milliseconds of store time. */
const refreshMs = 60_000
const refreshes = new WeakMap<Bucket, { at: number; done: Promise<unknown> }>()

/**
 * Returns until when a signature of now is valid: until `requestedAt`, or until the credentials expire. A signature by
 * a role's credentials expires with them (AWS, "Sharing objects with presigned URLs"). Refreshes credentials that
 * expire within `leastMs` milliseconds, because the SDK only does so minutes before they expire.
 * @param requestedAt store time, in milliseconds since 1970
 * @returns store time, in milliseconds since 1970
 */
export async function signableUntil(bucket: Bucket, requestedAt: number, leastMs: number): Promise<number> {
  const { credentials } = bucket.presigner.config
  const { expiration } = await credentials()
  if (!expiration) return requestedAt
  if (expiration.getTime() - bucket.clock.now() >= leastMs) return Math.min(requestedAt, expiration.getTime())
  await refreshOnce(bucket)
  return Math.min(requestedAt, (await credentials()).expiration?.getTime() ?? requestedAt)
}

/** Shares one refresh among all signatures. */
function refreshOnce(bucket: Bucket): Promise<unknown> {
  const now = bucket.clock.now()
  const latest = refreshes.get(bucket)
  if (latest && now - latest.at < refreshMs) return latest.done
  // After a failure the current credentials are still valid. When they expire, the SDK requests new ones or throws.
  const done = bucket.presigner.config.credentials({ forceRefresh: true }).catch(() => null)
  refreshes.set(bucket, { at: now, done })
  return done
}
