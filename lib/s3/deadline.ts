import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'

/** The store took longer than the deadline of the step allows. */
export class StoreTimeout extends Error {
  override name = 'StoreTimeout'
}

/** The time that a step may still wait for the store. It runs while at least one request of the step waits. */
interface Deadline {
  leftMs: number
  waiting: number
  waitingSince: number
  timer: NodeJS.Timeout | undefined
  readonly expired: AbortController
}

const deadlines = new AsyncLocalStorage<Deadline>()

/**
 * Runs a step that may wait for the store for `timeoutMs` milliseconds in total, over all its requests and their
 * retries. Other work, such as rendering or waiting for a slot, does not count. A step within a step shares the outer
 * deadline.
 * @throws StoreTimeout once the deadline has expired; the store may still carry out requests that were sent
 */
export function withDeadline<T>(timeoutMs: number, step: () => Promise<T>): Promise<T> {
  if (deadlines.getStore()) return step()
  const expired = new AbortController()
  // Each parallel request of a step adds a listener: more than Node's limit for a suspected leak.
  setMaxListeners(0, expired.signal)
  return deadlines.run({ leftMs: timeoutMs, waiting: 0, waitingSince: 0, timer: undefined, expired }, step)
}

/** Runs work outside of the current deadline, such as work after a response. */
export function withoutDeadline<T>(work: () => T): T {
  return deadlines.exit(work)
}

/**
 * Sends a request to the store within the current deadline, if there is one.
 * @param signal cancels the request too
 * @throws StoreTimeout once the deadline has expired
 */
export async function waitForStore<T>(
  send: (signal: AbortSignal | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = deadlines.getStore()
  if (!deadline) return send(signal)
  const expired = deadline.expired.signal
  expired.throwIfAborted()
  startWaiting(deadline)
  const response = send(signal ? AbortSignal.any([signal, expired]) : expired)
  const { promise: expiry, reject } = Promise.withResolvers<never>()
  const onExpired = () => reject(expired.reason)
  expired.addEventListener('abort', onExpired)
  try {
    // The SDK ignores the signal between two tries, and a store's Retry-After makes that time as long as it likes.
    return await Promise.race([response, expiry])
  } finally {
    expired.removeEventListener('abort', onExpired)
    stopWaiting(deadline)
  }
}

function startWaiting(deadline: Deadline): void {
  deadline.waiting += 1
  if (deadline.waiting > 1) return
  deadline.waitingSince = performance.now()
  const expire = () =>
    deadline.expired.abort(new StoreTimeout('the store did not answer before the deadline (STORE_TIMEOUT_MS)'))
  deadline.timer = setTimeout(expire, deadline.leftMs)
}

function stopWaiting(deadline: Deadline): void {
  deadline.waiting -= 1
  if (deadline.waiting > 0) return
  clearTimeout(deadline.timer)
  deadline.leftMs -= performance.now() - deadline.waitingSince
}
