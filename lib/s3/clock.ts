/**
 * The store's time: the host's clock, corrected by the `Date` header of the store's answers (rule 1). `Date` has
 * whole seconds, so an answer only gives bounds of the difference. The estimate moves only when it leaves these bounds,
 * so it does not jitter.
 */
export interface StoreClock {
  /** Store time minus host time, in milliseconds. */
  offsetMs: number
  /** Returns the store time, in milliseconds since 1970. */
  now(): number
  /** Corrects the clock by the `Date` of an answer, which the host requested and received at these host times. */
  observe(date: string, sentAt: number, receivedAt: number): void
}

export function createStoreClock(hostNow: () => number = () => Date.now()): StoreClock {
  return {
    offsetMs: 0,
    now() {
      return hostNow() + this.offsetMs
    },
    observe(date, sentAt, receivedAt) {
      const storeSecond = Date.parse(date)
      if (Number.isNaN(storeSecond)) return
      // The store wrote its answer within that second, between our sending and our receiving.
      const least = storeSecond - receivedAt
      const most = storeSecond + 1000 - sentAt
      this.offsetMs = Math.min(most, Math.max(least, this.offsetMs))
    },
  }
}
