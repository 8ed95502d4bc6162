/** Thrown by a full limiter: the caller answers "busy" at once instead of letting work pile up. */
export class LimiterFull extends Error {
  override name = 'LimiterFull'

  /** @param retryAfterSeconds estimate of when the current queue is empty: 1 to 30, whole */
  constructor(readonly retryAfterSeconds: number) {
    super(`full: try again in ${retryAfterSeconds} s`)
  }
}

export interface LimiterOptions {
  /** Jobs that run at once. */
  concurrency: number
  /** Jobs that may wait for a slot. The next one is rejected. */
  queue: number
  /** Memory that all running jobs share, in bytes. */
  memoryBytes: number
}

/**
 * Reserves memory for the running job, before it allocates it. Waits until that much is free. A job larger than the
 * whole budget runs alone. Call it at most once per job.
 */
export type ReserveMemory = (bytes: number) => Promise<void>

/** Limits how many jobs run at once and how much memory they use together: first come, first served. */
export interface Limiter {
  /**
   * Runs the job when there is room, and frees its slot when it ends.
   * @param signal aborts the wait. It does not stop a running job, whose memory is in use: the job checks it itself.
   * @throws LimiterFull if the queue is full; the signal's reason if it is aborted while the job waits
   */
  run<T>(job: (reserveMemory: ReserveMemory) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Rejects waiting and new jobs with LimiterFull. Running jobs continue. */
  close(): void
  counts(): JobCounts
}

export interface JobCounts {
  /** Jobs with a slot. Some of them may wait for memory. */
  running: number
  /** Jobs that wait for a slot. */
  waiting: number
  /** Jobs that ended, successfully or not. */
  done: number
}

/** Creates a limiter. */
export function createLimiter({ concurrency, queue, memoryBytes }: LimiterOptions): Limiter {
  const slots = createResource(concurrency)
  const memory = createResource(memoryBytes)
  /** Moving average of how long a job keeps its slot, in milliseconds. */
  let averageMs = 1000
  let running = 0
  let done = 0
  let isClosed = false

  const retryAfterSeconds = () => {
    const seconds = (averageMs * (slots.waiting() + 1)) / concurrency / 1000
    return Math.min(30, Math.max(1, Math.ceil(seconds)))
  }

  return {
    async run(job, signal) {
      if (isClosed) throw new LimiterFull(closedRetrySeconds)
      if (slots.mustWait(1) && slots.waiting() >= queue) throw new LimiterFull(retryAfterSeconds())
      const releaseSlot = await slots.take(1, signal)
      let releaseMemory = () => {}
      const startedAt = performance.now()
      running += 1
      try {
        return await job(async (bytes) => {
          releaseMemory = await memory.take(bytes, signal)
        })
      } finally {
        releaseMemory()
        releaseSlot()
        running -= 1
        done += 1
        averageMs += (performance.now() - startedAt - averageMs) / 5
      }
    },
    close() {
      isClosed = true
      for (const resource of [slots, memory]) resource.rejectWaiting(new LimiterFull(closedRetrySeconds))
    },
    counts: () => ({ running, waiting: slots.waiting(), done }),
  }
}

/** A closed limiter belongs to a host that shuts down: the next try reaches another host. */
const closedRetrySeconds = 1

/** An amount of something that jobs take and release, in the order of their requests. */
function createResource(total: number) {
  const queue: { amount: number; grant: () => void; reject: (reason: unknown) => void }[] = []
  let taken = 0

  // Later requests wait behind the first, so that small jobs cannot starve a large one.
  const grantWaiting = () => {
    for (let first = queue[0]; first && taken + first.amount <= total; first = queue[0]) {
      queue.shift()
      taken += first.amount
      first.grant()
    }
  }

  return {
    waiting: () => queue.length,
    rejectWaiting(reason: unknown) {
      for (const request of queue.splice(0)) request.reject(reason)
    },
    /** Whether a request for this amount would have to wait. */
    mustWait: (amount: number) => queue.length > 0 || taken + amount > total,

    /** Waits for the amount, or for the total if the amount exceeds it. @returns releases it */
    take(requested: number, signal?: AbortSignal): Promise<() => void> {
      const amount = Math.min(requested, total)
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          queue.splice(queue.indexOf(request), 1)
          reject(signal?.reason)
          // The requests behind it may fit now.
          grantWaiting()
        }
        const settle = (finish: () => void) => {
          signal?.removeEventListener('abort', onAbort)
          finish()
        }
        const release = () => {
          taken -= amount
          grantWaiting()
        }
        const request = {
          amount,
          grant: () => settle(() => resolve(release)),
          reject: (reason: unknown) => settle(() => reject(reason)),
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        queue.push(request)
        grantWaiting()
      })
    },
  }
}
