import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'

/** The store kept a step waiting for longer than the step has patience for. */
export class StoreTimeout extends Error {
  override name = 'StoreTimeout'
}

/** What is left of a step's patience. It shrinks while at least one request of the step waits for the store. */
interface Patience {
  leftMs: number
  waiting: number
  since: number
  timer: NodeJS.Timeout | undefined
  readonly exhausted: AbortController
}

const patience = new AsyncLocalStorage<Patience>()

/**
 * Runs a step that may wait for the store for so long altogether, however many requests it makes and however often each
 * is tried. What else it does, such as drawing or waiting for its turn, is not counted. A step within a step has the
 * outer one's patience.
 * @throws StoreTimeout once it is used up; what is on its way to the store may be done all the same
 */
export function withDeadline<T>(timeoutMs: number, step: () => Promise<T>): Promise<T> {
  if (patience.getStore()) return step()
  const exhausted = new AbortController()
  // As many requests as a step makes at once: more than Node takes for a leak.
  setMaxListeners(0, exhausted.signal)
  return patience.run({ leftMs: timeoutMs, waiting: 0, since: 0, timer: undefined, exhausted }, step)
}

/** Runs work that does not share the patience of the step which starts it, such as work after a response. */
export function withoutDeadline<T>(work: () => T): T {
  return patience.exit(work)
}

/**
 * Waits for a request to the store as long as the step that makes it has patience.
 * @param signal of whoever asks, beside it
 */
export async function waitForStore<T>(
  request: (signal: AbortSignal | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const step = patience.getStore()
  if (!step) return request(signal)
  const { exhausted } = step
  // Of a step that has given up nothing more goes to the store.
  exhausted.signal.throwIfAborted()
  beginToWait(step)
  const asking = request(signal ? AbortSignal.any([signal, exhausted.signal]) : exhausted.signal)
  let giveUp = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(exhausted.signal.reason)
    exhausted.signal.addEventListener('abort', giveUp)
  })
  try {
    // The SDK hears no signal while it waits before another try, which a store's Retry-After makes as long as it likes.
    return await Promise.race([asking, givenUp])
  } finally {
    exhausted.signal.removeEventListener('abort', giveUp)
    endWaiting(step)
  }
}

function beginToWait(step: Patience): void {
  step.waiting += 1
  if (step.waiting > 1) return
  step.since = performance.now()
  const giveUp = () => step.exhausted.abort(new StoreTimeout('the store kept this step waiting for too long'))
  step.timer = setTimeout(giveUp, step.leftMs)
}

function endWaiting(step: Patience): void {
  step.waiting -= 1
  if (step.waiting > 0) return
  clearTimeout(step.timer)
  step.leftMs -= performance.now() - step.since
}
