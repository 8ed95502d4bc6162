import 'server-only'
import { env } from '@/lib/env'
import { withDeadline, withoutDeadline } from '@/lib/s3/deadline'

/**
 * Runs a step that a person waits for. It waits for the store for STORE_TIMEOUT_MS at most, all its requests together,
 * and then fails with StoreTimeout. Every step may be repeated, whatever was done already. Applied once, at the edge.
 */
export function withStoreDeadline<T>(step: () => Promise<T>): Promise<T> {
  return withDeadline(env().storeTimeoutMs, step)
}

/** Runs work after a response with a deadline of its own, whatever is left of the deadline of the step before. */
export function withOwnStoreDeadline<T>(work: () => Promise<T>): Promise<T> {
  return withoutDeadline(() => withStoreDeadline(work))
}
