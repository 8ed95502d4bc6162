import { startTimes } from './start-times'

/** Thrown by a full limiter: the caller answers "busy" at once instead of letting work pile up. */
export class LimiterFull extends Error {
  override name = 'LimiterFull'

  /** @param retryAfterSeconds estimate of when the job would have a place: 1 to 30, whole */
  constructor(readonly retryAfterSeconds: number) {
    super(`full: try again in ${retryAfterSeconds} s`)
  }
}

export interface LimiterOptions {
  /** Jobs that run at once. */
  concurrency: number
  /** Jobs that may wait for a slot. The next one is rejected. */
  queue: number
  /** Jobs of one person that may run or wait. The next one is rejected, so that a person leaves room for others. */
  perPerson: number
  /** Memory that all running jobs share, in bytes. */
  memoryBytes: number
  /** Longest time of a job in milliseconds, its wait included. */
  timeoutMs: number
}

/**
 * Reserves memory for the running job, before it allocates it. Waits until that much is free. Call it at most once per
 * job. @throws RangeError for more than all memory
 */
export type ReserveMemory = (bytes: number) => Promise<void>

/** Limits how many jobs run at once and how much memory they use together: first come, first served. */
export interface Limiter {
  /**
   * Runs a job of a person when there is room, and frees its slot when it ends.
   * @param person any id
   * @param job gets a signal that is aborted with `signal`, and when the job's time is over
   * @param signal aborts the wait. It does not stop a running job, whose memory is in use: the job checks it itself.
   * @throws LimiterFull if the queue is full, the person has no place left, or the job ends with an error after its
   * time; the signal's reason if it is aborted while the job waits
   */
  run<T>(
    person: string,
    job: (reserveMemory: ReserveMemory, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>
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

/** A job that runs or waits. */
interface Job {
  person: string
  /** When it got its slot, by `performance.now()`; null while it waits. */
  startedAt: number | null
}

/** Creates a limiter. */
export function createLimiter({ concurrency, queue, perPerson, memoryBytes, timeoutMs }: LimiterOptions): Limiter {
  const slots = createResource(concurrency)
  const memory = createResource(memoryBytes)
  /** In order of arrival. */
  const jobs = new Set<Job>()
  /** When the people whom a full queue rejected come back, by `performance.now()`. */
  const returns = new Map<string, number>()
  /** Moving average of how long a job keeps its slot, in milliseconds. */
  let averageMs = 1000
  let done = 0
  let isClosed = false

  /** An overdue job is expected to take as much longer as it is overdue. */
  const endOf = (startedAt: number) => startedAt + Math.max(averageMs, 2 * (performance.now() - startedAt) - averageMs)

  /** Estimates when the running jobs end, when the waiting ones start, and when `more` jobs behind them would start. */
  function schedule(more = 0) {
    const ends = [...jobs].flatMap(({ startedAt }) => (startedAt === null ? [] : endOf(startedAt)))
    const free = Array<number>(concurrency - ends.length).fill(performance.now())
    return startTimes([...ends, ...free], jobs.size - ends.length + more, averageMs)
  }

  /** Estimates when the first of a person's jobs ends. */
  function whenPersonHasPlace(person: string): number {
    const starts = schedule()
    const ends = [...jobs].map((job) => ({
      person: job.person,
      at: job.startedAt === null ? (starts.shift() as number) + averageMs : endOf(job.startedAt),
    }))
    return Math.min(...ends.flatMap((end) => (end.person === person ? end.at : [])))
  }

  /** Estimates when the queue has a place, behind the people whom it rejected before this one. */
  function whenQueueHasPlace(person: string): number {
    const own = returns.get(person) ?? Number.POSITIVE_INFINITY
    for (const [other, at] of returns) if (at <= performance.now()) returns.delete(other)
    const before = [...returns.values()].filter((at) => at < own).length
    const at = schedule(before + 1)[before] as number
    returns.set(person, Math.min(at, performance.now() + 1000 * longestRetrySeconds))
    return at
  }

  /** Rejects a job that has no place. */
  function checkPlaces(person: string): void {
    if (isClosed) throw new LimiterFull(closedRetrySeconds)
    const own = [...jobs].filter((job) => job.person === person).length
    if (own >= perPerson) throw new LimiterFull(secondsUntil(whenPersonHasPlace(person)))
    if (slots.mustWait(1) && slots.waiting() >= queue) throw new LimiterFull(secondsUntil(whenQueueHasPlace(person)))
    returns.delete(person)
  }

  return {
    async run(person, work, signal) {
      checkPlaces(person)
      signal?.throwIfAborted()
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), timeoutMs)
      const stop = AbortSignal.any([late.signal, ...(signal ? [signal] : [])])
      const job: Job = { person, startedAt: slots.mustWait(1) ? null : performance.now() }
      jobs.add(job)
      let releaseSlot = () => {}
      let releaseMemory = () => {}
      try {
        releaseSlot = await slots.take(1, stop)
        job.startedAt ??= performance.now()
        return await work(async (bytes) => {
          releaseMemory = await memory.take(bytes, stop)
        }, stop)
      } catch (error) {
        if (late.signal.aborted && !signal?.aborted) throw new LimiterFull(secondsUntil(schedule(1).at(-1) as number))
        throw error
      } finally {
        clearTimeout(timer)
        releaseMemory()
        releaseSlot()
        jobs.delete(job)
        if (job.startedAt !== null) {
          done += 1
          averageMs += (performance.now() - job.startedAt - averageMs) / 5
        }
      }
    },
    close() {
      isClosed = true
      for (const resource of [slots, memory]) resource.rejectWaiting(new LimiterFull(closedRetrySeconds))
    },
    counts: () => ({ running: jobs.size - slots.waiting(), waiting: slots.waiting(), done }),
  }
}

const longestRetrySeconds = 30

/** Returns the whole seconds until a time: 1 to 30. */
function secondsUntil(at: number): number {
  return Math.min(longestRetrySeconds, Math.max(1, Math.ceil((at - performance.now()) / 1000)))
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

    /** Waits for the amount. @returns releases it @throws RangeError if the amount exceeds the total */
    take(amount: number, signal: AbortSignal): Promise<() => void> {
      return new Promise((resolve, reject) => {
        if (amount > total) throw new RangeError(`${amount} is more than ${total}`)
        if (signal.aborted) return reject(signal.reason)
        const onAbort = () => {
          queue.splice(queue.indexOf(request), 1)
          reject(signal.reason)
          // The requests behind it may fit now.
          grantWaiting()
        }
        const settle = (finish: () => void) => {
          signal.removeEventListener('abort', onAbort)
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
        signal.addEventListener('abort', onAbort, { once: true })
        queue.push(request)
        grantWaiting()
      })
    },
  }
}
