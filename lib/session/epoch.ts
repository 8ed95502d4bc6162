import 'server-only'
import { randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import { defaultCollection } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import { perProcess } from '@/lib/per-process'
import { getObject, putObject } from '@/lib/s3/objects'

/**
 * A person's epoch: random text in the store. A session contains the epoch of its sign-in, and is valid while both are
 * equal. So "sign out everywhere" is one write, and no clock counts (security S32). Without an epoch, no session is valid.
 */

/** How long a host relies on an epoch that it has read, in milliseconds. This bounds how late a sign-out arrives. */
const cachedMs = 30_000
/** Timeout of a read, in milliseconds. All requests of the person wait for it. */
const timeoutMs = 5_000
const maxCached = 10_000

interface Read {
  /** When the read began, by `performance.now()`. */
  at: number
  epoch: Promise<string | null>
}

/** By uid, the oldest read first. */
const reads = perProcess('epochs', () => new Map<string, Read>())

/**
 * Returns whether a session with this epoch is still valid. Usually costs no request to the store.
 * @throws if the store does not answer
 */
export async function isCurrentEpoch(uid: string, epoch: string): Promise<boolean> {
  const known = reads.get(uid)
  if (known && performance.now() - known.at < cachedMs && (await known.epoch) === epoch) return true
  // A session that began at another host after the last read has a newer epoch.
  return (await readEpoch(uid)) === epoch
}

/** Returns the epoch for a new session. The first sign-in of a person creates it. */
export async function epochForSignIn(uid: string): Promise<string> {
  return (await readEpoch(uid)) ?? replaceEpoch(uid)
}

/** Ends all sessions of a person, on this host at once and on the others within 30 seconds. @returns the new epoch */
export async function replaceEpoch(uid: string): Promise<string> {
  const epoch = toBase32(randomBytes(10))
  await putObject(bucket(), keys.epoch(uid), epoch, { contentType: 'text/plain' })
  remember(uid, Promise.resolve(epoch))
  return epoch
}

/** Drops what this host knows, after the epoch in the store was erased. */
export function forgetEpoch(uid: string): void {
  reads.delete(uid)
}

function readEpoch(uid: string): Promise<string | null> {
  const reading = fetchEpoch(uid)
  remember(uid, reading)
  // The next request tries again.
  reading.catch(() => reads.get(uid)?.epoch === reading && reads.delete(uid))
  return reading
}

async function fetchEpoch(uid: string): Promise<string | null> {
  const object = await getObject(bucket(), keys.epoch(uid), 1024, { signal: AbortSignal.timeout(timeoutMs) })
  return object && new TextDecoder().decode(object.bytes)
}

function remember(uid: string, epoch: Promise<string | null>): void {
  reads.delete(uid)
  reads.set(uid, { at: performance.now(), epoch })
  const [oldest] = reads.keys()
  if (reads.size > maxCached && oldest !== undefined) reads.delete(oldest)
}

const bucket = () => bucketOf(defaultCollection)
