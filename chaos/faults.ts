import type { IncomingMessage } from 'node:http'

/** What can go wrong between a client and its store. */
export type FaultKind =
  /** The request is on its way for so long: `ms`, and up to `spreadMs` more. */
  | { kind: 'latency'; ms: number; spreadMs?: number }
  /** The store is asked too much, and says so: 503 `SlowDown`, and nothing is done. */
  | { kind: 'slow-down'; retryAfterSeconds?: number }
  /** Nobody listens, as after the end of the store's process. For all, and for as long as it is set. */
  | { kind: 'refused' }
  /** The connection is reset before the store has seen the request. */
  | { kind: 'reset' }
  /** The connection is reset when half of the request's body has gone to the store. */
  | { kind: 'reset-in-request' }
  /** The connection is reset when half of the answer has come: of its body, or of its head where it has no body. */
  | { kind: 'reset-in-answer' }
  /** The request is taken, and nothing ever comes back; the store has not seen it. */
  | { kind: 'stall' }
  /** Half of the answer comes, as above, and the rest never does. */
  | { kind: 'stall-in-answer' }
  /** The store has done it, and the connection is reset before a byte of the answer comes. */
  | { kind: 'lost-answer' }
  /** The store has done it, and nothing ever comes back. */
  | { kind: 'withheld-answer' }
  /** The answer's `Date` is off by so much. */
  | { kind: 'wrong-date'; shiftMs: number }

/** Which requests a fault befalls, and how often. Without any of it: all. */
interface Trigger {
  /** From 0 to 1, of those that match. */
  probability?: number
  /** Of requests that are alike, by method and address, the first only: what is tried again gets through. */
  firstOfEach?: boolean
  /** So many that match pass first. */
  skip?: number
  /** At most so many times. */
  count?: number
  methods?: string[]
  /** Of the object's key, or of the prefix that is listed. What names its keys in its body has the empty one. */
  keyPrefix?: string
}

export type Fault = FaultKind & Trigger

/** How often each kind has been done. */
export type FaultCounts = Record<FaultKind['kind'], number>

/** What befalls one request: some time on its way, another date, and one thing at most that breaks it. */
export interface Fate {
  latencyMs: number
  dateShiftMs: number
  breaks: Exclude<FaultKind, { kind: 'latency' | 'wrong-date' | 'refused' }> | null
}

/**
 * Chooses what befalls the requests, one after the other, and counts it.
 * @param random numbers from 0 up to 1; from a seed, the same requests in the same order have the same fate
 */
export class FaultSchedule {
  readonly counts: FaultCounts = {
    latency: 0,
    'slow-down': 0,
    refused: 0,
    reset: 0,
    'reset-in-request': 0,
    'reset-in-answer': 0,
    stall: 0,
    'stall-in-answer': 0,
    'lost-answer': 0,
    'withheld-answer': 0,
    'wrong-date': 0,
  }
  private faults: { fault: Fault; seen: Set<string>; matched: number; done: number }[] = []

  constructor(private readonly random: () => number) {}

  /** Takes the place of all faults that were set before. */
  set(faults: readonly Fault[]): void {
    this.faults = faults.map((fault) => ({ fault, seen: new Set(), matched: 0, done: 0 }))
  }

  get refusesConnections(): boolean {
    return this.faults.some(({ fault }) => fault.kind === 'refused')
  }

  /** What befalls this request. */
  next(request: Pick<IncomingMessage, 'method' | 'url'>): Fate {
    const fate: Fate = { latencyMs: 0, dateShiftMs: 0, breaks: null }
    for (const state of this.faults) {
      const { fault } = state
      if (fault.kind === 'refused' || !matches(fault, request)) continue
      const isBreak = fault.kind !== 'latency' && fault.kind !== 'wrong-date'
      if (isBreak && fate.breaks) continue
      const alike = `${request.method} ${request.url}`
      if (fault.firstOfEach && state.seen.has(alike)) continue
      state.seen.add(alike)
      state.matched += 1
      if (state.matched <= (fault.skip ?? 0) || state.done >= (fault.count ?? Number.POSITIVE_INFINITY)) continue
      if (this.random() >= (fault.probability ?? 1)) continue
      state.done += 1
      this.counts[fault.kind] += 1
      if (fault.kind === 'latency') fate.latencyMs += fault.ms + this.random() * (fault.spreadMs ?? 0)
      else if (fault.kind === 'wrong-date') fate.dateShiftMs += fault.shiftMs
      else fate.breaks = fault
    }
    return fate
  }
}

function matches({ methods, keyPrefix }: Trigger, { method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>) {
  if (methods && !methods.includes(method)) return false
  return keyPrefix === undefined || keyOf(url).startsWith(keyPrefix)
}

/** The key that an address in path style names, or the prefix of a listing. */
function keyOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const [, , ...segments] = pathname.split('/')
  return decodeURIComponent(segments.join('/')) || (searchParams.get('prefix') ?? '')
}
