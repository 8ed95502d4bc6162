import 'server-only'
import { env } from '@/lib/env'
import { withDeadline, withoutDeadline } from '@/lib/s3/deadline'

/**
 * Runs a step that a person waits for. Routes and actions call it once per step. Every step can be repeated.
 * @throws StoreTimeout if all waits of the step for the store exceed STORE_TIMEOUT_MS together
 */
export function withStoreDeadline<T>(step: () => Promise<T>): Promise<T> {
  return withDeadline(env().storeTimeoutMs, step)
}

/** Runs work after a response with a new deadline, even if the deadline of the step before has passed. */
export function withOwnStoreDeadline<T>(work: () => Promise<T>): Promise<T> {
  return withoutDeadline(() => withStoreDeadline(work))
}
