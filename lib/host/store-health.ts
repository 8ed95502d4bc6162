import 'server-only'
import { log } from '@/lib/log'

/** How long an answer of the store is believed; a failure is looked into sooner. Milliseconds, as all here. */
const believedMs = 5_000
const failureBelievedMs = 1_000
/** How long the store may take to answer. */
const timeoutMs = 3_000
/** How long the store may fail before it counts. */
export const toleratedMs = 15_000

/** Whether the store is to be counted on. */
export interface StoreHealth {
  /**
   * True once the store has answered, until it has failed for 15 seconds without an answer between; true again with the
   * next answer. Hosts share one store: were they to go out at its first failure, a short one would take the whole site
   * away, the pages that need no store included.
   *
   * It answers at once, by what is known, and has the store asked where that is some seconds old.
   */
  isGood(): boolean
  /** Takes in an answer that was had elsewhere. */
  answered(): void
}

/** @param ask asks the store; rejects when it fails, and when the signal is given */
export function createStoreHealth(
  ask: (signal: AbortSignal) => Promise<unknown>,
  now: () => number = () => performance.now(),
): StoreHealth {
  let isAsking = false
  let askedAt = Number.NEGATIVE_INFINITY
  let hasAnswered = false
  let failingSince: number | undefined
  let isGiven = true

  const answered = () => {
    if (!isGiven) log().info('the store answers again: this host is ready')
    hasAnswered = true
    isGiven = true
    failingSince = undefined
  }

  const askAnew = async () => {
    isAsking = true
    askedAt = now()
    const startedAt = askedAt
    try {
      await ask(AbortSignal.timeout(timeoutMs))
      answered()
    } catch (error) {
      if (failingSince === undefined) log().warn({ err: error, toleratedMs }, 'the store does not answer')
      failingSince ??= startedAt
    } finally {
      isAsking = false
    }
  }

  return {
    answered,
    isGood() {
      const restMs = failingSince === undefined ? believedMs : failureBelievedMs
      if (!isAsking && now() - askedAt > restMs) void askAnew()
      const hasFailed = failingSince !== undefined && now() - failingSince >= toleratedMs
      if (hasFailed && isGiven) {
        isGiven = false
        log().error({ toleratedMs }, 'the store has not answered for too long: this host is not ready')
      }
      return hasAnswered && !hasFailed
    },
  }
}
