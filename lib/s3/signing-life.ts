import 'server-only'
import type { Bucket } from './client'

/** How often newer credentials are asked for before their time, in milliseconds of store time. */
const refreshMs = 60_000
const refreshes = new WeakMap<Bucket, { at: number; done: Promise<void> }>()

/**
 * Until when what is signed now is good: as wished, or until the credentials end. What is signed with a role's
 * credentials dies with them, however long it was signed for (AWS, "Sharing objects with presigned URLs"). If they end
 * within `leastMs`, newer ones are asked for first, as the SDK would only do minutes before the end.
 * @param wishedMs a store time, in milliseconds since 1970
 * @returns a store time, in milliseconds since 1970
 */
export async function signableUntil(bucket: Bucket, wishedMs: number, leastMs: number): Promise<number> {
  const { credentials } = bucket.presigner.config
  const { expiration } = await credentials()
  if (!expiration) return wishedMs
  if (expiration.getTime() - bucket.clock.now() >= leastMs) return Math.min(wishedMs, expiration.getTime())
  await refreshOnce(bucket)
  return Math.min(wishedMs, (await credentials()).expiration?.getTime() ?? wishedMs)
}

/** All who sign meanwhile wait for the one request. */
function refreshOnce(bucket: Bucket): Promise<void> {
  const now = bucket.clock.now()
  const latest = refreshes.get(bucket)
  if (latest && now - latest.at < refreshMs) return latest.done
  const done = refresh(bucket)
  refreshes.set(bucket, { at: now, done })
  return done
}

async function refresh(bucket: Bucket): Promise<void> {
  try {
    await bucket.presigner.config.credentials({ forceRefresh: true })
  } catch {
    // Those at hand are good still. When they end the SDK asks again, and then its failure is told.
  }
}
