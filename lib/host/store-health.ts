import 'server-only'
import { env } from '@/lib/env'
import { log } from '@/lib/log'

/** Shortest time between two pings, in milliseconds, while the store answers and while it fails. */
const intervalMs = 5_000
const failingIntervalMs = 1_000
/** Timeout of a ping, in milliseconds. */
const timeoutMs = 3_000
/** How long the store may fail until it is unhealthy, in milliseconds. */
const toleratedMs = 15_000
/** How often the log names the cause of a failure that lasts, in milliseconds. */
export const reminderMs = 60_000

/** Tracks whether this host can use the store. */
export interface StoreHealth {
  /**
   * Returns true from the first answer of the store until it has failed for 15 seconds without an answer, and again
   * from its next answer. Hosts share one store. If they were all not ready after its first failure, a short one would
   * take the whole site down, including the pages that need no store.
   *
   * Returns at once what is known, and starts a ping if the last one is some seconds old.
   */
  isHealthy(): boolean
  /** Records an answer of the store to another request. */
  recordAnswer(): void
}

/** @param ping sends a request to the store; rejects if it fails or the signal is aborted */
export function createStoreHealth(
  ping: (signal: AbortSignal) => Promise<unknown>,
  now: () => number = () => performance.now(),
): StoreHealth {
  let isPinging = false
  let pingedAt = Number.NEGATIVE_INFINITY
  let hasAnswered = false
  let failingSince: number | undefined
  let loggedAt = Number.NEGATIVE_INFINITY
  /** Whether the log says that this host is not ready. */
  let isReported = false

  const recordAnswer = () => {
    if (isReported) log().info('the store answers again: this host is ready')
    hasAnswered = true
    isReported = false
    failingSince = undefined
    loggedAt = Number.NEGATIVE_INFINITY
  }

  const pingStore = async () => {
    isPinging = true
    pingedAt = now()
    try {
      await ping(AbortSignal.timeout(timeoutMs))
      recordAnswer()
    } catch (error) {
      failingSince ??= pingedAt
      if (pingedAt - loggedAt >= reminderMs) {
        loggedAt = pingedAt
        log().warn({ err: error, endpoint: env().endpoint ?? 'AWS', toleratedMs }, 'the store does not answer')
      }
    } finally {
      isPinging = false
    }
  }

  return {
    recordAnswer,
    isHealthy() {
      const dueMs = failingSince === undefined ? intervalMs : failingIntervalMs
      if (!isPinging && now() - pingedAt > dueMs) void pingStore()
      const hasFailed = failingSince !== undefined && now() - failingSince >= toleratedMs
      if (hasFailed && !isReported) {
        isReported = true
        log().error({ toleratedMs }, 'the store has not answered for 15 seconds: this host is not ready')
      }
      return hasAnswered && !hasFailed
    },
  }
}
