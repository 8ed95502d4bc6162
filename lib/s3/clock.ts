/**
 * The store's time, as this host knows it: its own clock corrected by the `Date` of the store's answers
 * (contract, rules of the flows, 1). `Date` has whole seconds, so an answer bounds the difference rather than
 * telling it; the estimate moves only when it leaves those bounds, and so does not jitter.
 */
export interface StoreClock {
  /** Store time minus host time, in milliseconds. */
  offsetMs: number
  /** Store time now, in milliseconds since 1970. */
  now(): number
  /** Takes in an answer's `Date`, with the host's times at which the request left and the answer came. */
  observe(date: string, sentAt: number, receivedAt: number): void
}

export function createStoreClock(hostNow: () => number = Date.now): StoreClock {
  return {
    offsetMs: 0,
    now() {
      return hostNow() + this.offsetMs
    },
    observe(date, sentAt, receivedAt) {
      const storeSecond = Date.parse(date)
      if (Number.isNaN(storeSecond)) return
      // The store stamped its answer within that second, somewhere between our sending and our receiving.
      const least = storeSecond - receivedAt
      const most = storeSecond + 1000 - sentAt
      this.offsetMs = Math.min(most, Math.max(least, this.offsetMs))
    },
  }
}
