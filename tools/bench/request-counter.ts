import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { openStoreProxy } from '@/tools/testing/store-proxy'

/** One request to the store, by `performance.now()`. */
export interface CountedRequest {
  startedAt: number
  /** Infinity until the response. */
  endedAt: number
}

/** A proxy in front of a store. Delays and records every request. */
export interface RequestCounter {
  endpoint: string
  /** How long each request takes on its way, in milliseconds. */
  delayMs: number
  /** The requests since the last `reset`. */
  readonly requests: readonly CountedRequest[]
  reset(): void
  /** Waits until no request is running and none follows. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** After this time without a request no other follows. */
const quietMs = 150

/** Opens a counter on a free port of 127.0.0.1. */
export async function openRequestCounter(storeEndpoint: string): Promise<RequestCounter> {
  let requests: CountedRequest[] = []
  const running = new Set<CountedRequest>()
  let lastEndedAt = 0
  const proxy = await openStoreProxy(storeEndpoint, async (_, pass) => {
    // Lets the bench read a response that the host sent before this request.
    await nextTurn()
    const request = { startedAt: performance.now(), endedAt: Number.POSITIVE_INFINITY }
    requests.push(request)
    running.add(request)
    try {
      await sleep(counter.delayMs)
      return await pass()
    } finally {
      lastEndedAt = request.endedAt = performance.now()
      running.delete(request)
    }
  })
  const counter: RequestCounter = {
    endpoint: proxy.endpoint,
    delayMs: 0,
    get requests() {
      return requests
    },
    reset() {
      requests = []
    },
    async settle() {
      do await sleep(quietMs)
      while (running.size > 0 || performance.now() - lastEndedAt < quietMs)
    },
    close: proxy.close,
  }
  return counter
}

/** Returns the length of the longest chain of requests, each of which starts after the previous response. */
export function longestChain(requests: readonly CountedRequest[]): number {
  const sorted = requests.toSorted((one, other) => one.startedAt - other.startedAt)
  const lengths: number[] = []
  for (const { startedAt } of sorted) {
    const before = lengths.filter((_, at) => (sorted[at] as CountedRequest).endedAt <= startedAt)
    lengths.push(1 + Math.max(0, ...before))
  }
  return Math.max(0, ...lengths)
}
