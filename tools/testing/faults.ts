import type { IncomingMessage } from 'node:http'

/** The faults between a client and its store. */
export type FaultKind =
  /** The request takes `ms`, and up to `spreadMs` more. */
  | { kind: 'latency'; ms: number; spreadMs?: number }
  /** The store answers 503 `SlowDown`, and does nothing. */
  | { kind: 'slow-down'; retryAfterSeconds?: number }
  /** The port is closed, as after the end of the store's process: for all requests, until the faults are replaced. */
  | { kind: 'refused' }
  /** The connection is reset before the store has seen the request. */
  | { kind: 'reset' }
  /** The connection is reset after half of the request's body. */
  | { kind: 'reset-in-request' }
  /** The connection is reset after half of the answer: of its body, or of its head if it has none. */
  | { kind: 'reset-in-answer' }
  /** The request is accepted and never answered. The store does not see it. */
  | { kind: 'stall' }
  /** Half of the answer comes, as above; the rest never does. */
  | { kind: 'stall-in-answer' }
  /** The store executes the request; the connection is reset before the answer. */
  | { kind: 'lost-answer' }
  /** The store executes the request; no answer ever comes. */
  | { kind: 'withheld-answer' }
  /** The answer's `Date` is shifted by this much. */
  | { kind: 'wrong-date'; shiftMs: number }

/** Which requests a fault applies to, and how often. Default: all. */
interface Trigger {
  /** From 0 to 1, of those that match. */
  probability?: number
  /** Only the first of requests with the same method and URL: a retry passes. */
  firstOfEach?: boolean
  /** How many that match pass first. */
  skip?: number
  /** How many times at most. */
  count?: number
  methods?: string[]
  /** Of the object's key, or of the listed prefix. A request that names its keys in its body has the empty key. */
  keyPrefix?: string
}

export type Fault = FaultKind & Trigger

/** How often each kind was injected. */
export type FaultCounts = Record<FaultKind['kind'], number>

/** What happens to one request: latency, a shifted date, and at most one fault that breaks it. */
export interface Fate {
  latencyMs: number
  dateShiftMs: number
  breaks: Exclude<FaultKind, { kind: 'latency' | 'wrong-date' | 'refused' }> | null
}

/**
 * Chooses what happens to each request, and counts it.
 * @param random numbers from 0 up to 1; with a seed, the same requests in the same order have the same fate
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

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.faults = faults.map((fault) => ({ fault, seen: new Set(), matched: 0, done: 0 }))
  }

  get refusesConnections(): boolean {
    return this.faults.some(({ fault }) => fault.kind === 'refused')
  }

  /** What happens to this request. */
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

/** The key in a path-style URL, or the prefix of a listing. */
function keyOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const [, , ...segments] = pathname.split('/')
  return decodeURIComponent(segments.join('/')) || (searchParams.get('prefix') ?? '')
}
