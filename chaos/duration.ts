import { setTimeout as sleep } from 'node:timers/promises'
import { isEnough, type Terms } from './report'
import type { Tally } from './tally'

/** How long a run may take, in its own minutes, to come to its flows and kills. */
const patience = 1.5

/**
 * Waits for the end of a run: its minutes are over, and it has come to its flows and kills. How soon it does is a matter
 * of the machine, and what else that has to do; after half of its minutes more it ends without them, and fails.
 * Rejects when the signal is given.
 */
export async function untilEnough(terms: Terms, tally: Tally, signal: AbortSignal): Promise<void> {
  const wait = (ms: number) => sleep(ms, undefined, { signal })
  const minutesMs = terms.minutes * 60_000
  const giveUpAt = performance.now() + minutesMs * patience
  await wait(minutesMs)
  while (!isEnough(terms, tally) && performance.now() < giveUpAt) await wait(Math.min(1_000, minutesMs / 20))
}
