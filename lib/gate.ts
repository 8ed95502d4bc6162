/** Thrown by a full gate: the caller says "busy" at once instead of letting work pile up. */
export class GateFull extends Error {
  override name = 'GateFull'

  /** @param retryAfterSeconds when those who wait now will be through, as far as one can tell: 1 to 30, whole */
  constructor(readonly retryAfterSeconds: number) {
    super(`full: try again in ${retryAfterSeconds} s`)
  }
}

/** How much a gate lets through. */
export interface GateLimits {
  /** Jobs at work at once. */
  concurrency: number
  /** Jobs that may wait for a place; one more is refused. */
  queue: number
  /** What the jobs at work may take together, in bytes. */
  memoryBytes: number
}

/**
 * What a job is given when it comes in: a way to say how much memory it takes, as soon as it knows, and before it does.
 * Waits until that much is left. What is more than all there is waits to be alone, so that every job comes through.
 * At most once in a job.
 */
export type Reserve = (bytes: number) => Promise<void>

/** Lets at most so many jobs, of so much weight, work at a time: first come, first served. */
export interface Gate {
  /**
   * Runs the job when there is room, and frees its place when it ends, however it ends.
   * @param signal of whom the job is for: who goes away leaves the queue at once. A job at work is not ended by it,
   * for its memory is in use until it ends: it looks at the signal itself.
   * @throws GateFull when the queue is full too; the signal's reason when it was given while the job waited
   */
  run<T>(job: (reserve: Reserve) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** From now on only those go on that are at work: who waits is refused (GateFull), and so is who comes. */
  close(): void
  counts(): GateCounts
}

/** Jobs of a gate. */
export interface GateCounts {
  /** They have a place; some of them may wait for memory. */
  working: number
  /** They wait for a place. */
  waiting: number
  /** They have ended, however. */
  done: number
}

/** Makes a gate; each host has one. */
export function createGate({ concurrency, queue, memoryBytes }: GateLimits): Gate {
  const places = createSupply(concurrency)
  const memory = createSupply(memoryBytes)
  /** How long a job has its place, in milliseconds: the later ones count more. */
  let usualMs = 1000
  let working = 0
  let done = 0
  let isClosed = false

  const retryAfterSeconds = () => {
    const seconds = (usualMs * (places.waiting() + 1)) / concurrency / 1000
    return Math.min(30, Math.max(1, Math.ceil(seconds)))
  }

  return {
    async run(job, signal) {
      if (isClosed) throw new GateFull(elsewhereSeconds)
      if (places.isShort(1) && places.waiting() >= queue) throw new GateFull(retryAfterSeconds())
      const leave = await places.take(1, signal)
      let giveBack = () => {}
      const beganAt = performance.now()
      working += 1
      try {
        return await job(async (bytes) => {
          giveBack = await memory.take(bytes, signal)
        })
      } finally {
        giveBack()
        leave()
        working -= 1
        done += 1
        usualMs += (performance.now() - beganAt - usualMs) / 5
      }
    },
    close() {
      isClosed = true
      for (const supply of [places, memory]) supply.refuseWaiting(new GateFull(elsewhereSeconds))
    },
    counts: () => ({ working, waiting: places.waiting(), done }),
  }
}

/** Where a gate is closed its host ends, and the next try meets another one. */
const elsewhereSeconds = 1

/** So much of something, handed out in the order in which it was asked for. */
function createSupply(total: number) {
  const queue: { amount: number; hand: () => void; refuse: (why: unknown) => void }[] = []
  let taken = 0

  // Whoever is first waits for enough, and all others behind: a heavy job is not passed by light ones for ever.
  const handOut = () => {
    for (let first = queue[0]; first && taken + first.amount <= total; first = queue[0]) {
      queue.shift()
      taken += first.amount
      first.hand()
    }
  }

  return {
    waiting: () => queue.length,
    refuseWaiting(why: unknown) {
      for (const place of queue.splice(0)) place.refuse(why)
    },
    /** Whether who asked for so much now would have to wait. */
    isShort: (amount: number) => queue.length > 0 || taken + amount > total,

    /** Waits for so much, or for all, where more is asked for than there is. @returns gives it back */
    take(asked: number, signal?: AbortSignal): Promise<() => void> {
      const amount = Math.min(asked, total)
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const goAway = () => {
          queue.splice(queue.indexOf(place), 1)
          reject(signal?.reason)
          // Those behind may have waited for this one only.
          handOut()
        }
        const place = {
          amount,
          hand: () => {
            signal?.removeEventListener('abort', goAway)
            resolve(() => {
              taken -= amount
              handOut()
            })
          },
          refuse: (why: unknown) => {
            signal?.removeEventListener('abort', goAway)
            reject(why)
          },
        }
        signal?.addEventListener('abort', goAway, { once: true })
        queue.push(place)
        handOut()
      })
    },
  }
}
