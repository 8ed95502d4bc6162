import type { IncomingMessage } from 'node:http'

/** The faults between a client and its store. */
export type FaultKind =
  /** Delays the request by `ms` to `ms` + `spreadMs`. */
  | { kind: 'latency'; ms: number; spreadMs?: number }
  /** Responds with 503 `SlowDown`. The store does not receive the request. */
  | { kind: 'slow-down'; retryAfterSeconds?: number }
  /** Closes the port for all requests until the faults are replaced, as if the store had exited. */
  | { kind: 'refused' }
  /** Resets the connection. The store does not receive the request. */
  | { kind: 'reset' }
  /** Resets the connection after half of the request's body. */
  | { kind: 'reset-in-request' }
  /** Resets the connection after half of the response's body, or of its head if it has no body. */
  | { kind: 'reset-in-answer' }
  /** Accepts the request and never responds. The store does not receive the request. */
  | { kind: 'stall' }
  /** Sends half of the response, as above, and never the rest. */
  | { kind: 'stall-in-answer' }
  /** The store executes the request. Resets the connection before the response. */
  | { kind: 'lost-answer' }
  /** The store executes the request. Never sends the response. */
  | { kind: 'withheld-answer' }
  /** Shifts the response's `Date`. */
  | { kind: 'wrong-date'; shiftMs: number }

/** The requests of a fault. Default: all. */
interface Trigger {
  /** The probability for a matching request, from 0 to 1. */
  probability?: number
  /** Only the first of several requests with the same method and URL, so that a retry passes. */
  firstOfEach?: boolean
  /** The number of matching requests to forward first. */
  skip?: number
  /** The maximum number of injections. */
  count?: number
  methods?: string[]
  /** Matches the object's key or the listed prefix. Requests with keys in their body have an empty key. */
  keyPrefix?: string
}

export type Fault = FaultKind & Trigger

/** The number of injections of each kind. */
export type FaultCounts = Record<FaultKind['kind'], number>

/** The faults of one request: latency, a shifted date, and at most one fault that breaks it. */
export interface Plan {
  latencyMs: number
  dateShiftMs: number
  breaks: Exclude<FaultKind, { kind: 'latency' | 'wrong-date' | 'refused' }> | null
}

/**
 * Chooses the faults of each request, and counts them.
 * @param random numbers from 0 up to 1; with a seed, the same requests in the same order get the same faults
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

  /** Chooses the faults of this request. */
  next(request: Pick<IncomingMessage, 'method' | 'url'>): Plan {
    const plan: Plan = { latencyMs: 0, dateShiftMs: 0, breaks: null }
    for (const state of this.faults) {
      const { fault } = state
      if (fault.kind === 'refused' || !matches(fault, request)) continue
      const isBreak = fault.kind !== 'latency' && fault.kind !== 'wrong-date'
      if (isBreak && plan.breaks) continue
      const identity = `${request.method} ${request.url}`
      if (fault.firstOfEach && state.seen.has(identity)) continue
      state.seen.add(identity)
      state.matched += 1
      if (state.matched <= (fault.skip ?? 0) || state.done >= (fault.count ?? Number.POSITIVE_INFINITY)) continue
      if (this.random() >= (fault.probability ?? 1)) continue
      state.done += 1
      this.counts[fault.kind] += 1
      if (fault.kind === 'latency') plan.latencyMs += fault.ms + this.random() * (fault.spreadMs ?? 0)
      else if (fault.kind === 'wrong-date') plan.dateShiftMs += fault.shiftMs
      else plan.breaks = fault
    }
    return plan
  }
}

function matches({ methods, keyPrefix }: Trigger, { method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>) {
  if (methods && !methods.includes(method)) return false
  return keyPrefix === undefined || keyOf(url).startsWith(keyPrefix)
}

/** Returns the key in a path-style URL, or the prefix of a listing. */
function keyOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const [, , ...segments] = pathname.split('/')
  return decodeURIComponent(segments.join('/')) || (searchParams.get('prefix') ?? '')
}
