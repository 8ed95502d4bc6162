import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from '@/tools/testing/fault-proxy'
import type { Fault } from '@/tools/testing/faults'
import { type Choices, choicesOf } from './choices'

const minute = 60_000
const writes = ['PUT', 'POST', 'DELETE']

/** Faults between hosts and store, each for some seconds. Stalls are rare, as each one blocks a host for long. */
const betweenHosts: ((choices: Choices) => Fault[])[] = [
  () => [],
  (choices) => [{ kind: 'latency', ms: 5, spreadMs: choices.between(20, 200), probability: 0.5 }],
  (choices) => [{ kind: 'slow-down', probability: choices.between(0.02, 0.2) }],
  (choices) => [
    { kind: 'reset', probability: choices.between(0.01, 0.05) },
    { kind: 'reset-in-answer', probability: choices.between(0.01, 0.05) },
    { kind: 'reset-in-request', probability: choices.between(0.01, 0.05), methods: ['PUT'] },
  ],
  (choices) => [{ kind: 'lost-answer', probability: choices.between(0.02, 0.1), methods: writes }],
  () => [
    { kind: 'stall', probability: 0.002 },
    { kind: 'stall-in-answer', probability: 0.002 },
    { kind: 'withheld-answer', probability: 0.002, methods: writes },
  ],
  // Most shifts leave policies valid. With ten minutes or more a host does not start.
  (choices) => [{ kind: 'wrong-date', shiftMs: choices.pick([-9, -4, 4, 4]) * minute }],
]

/** Faults between browsers and store. Browsers only send files. */
const betweenBrowsers: ((choices: Choices) => Fault[])[] = [
  () => [],
  (choices) => [{ kind: 'latency', ms: 5, spreadMs: choices.between(50, 500), probability: 0.5 }],
  (choices) => [{ kind: 'slow-down', probability: choices.between(0.05, 0.3) }],
  (choices) => [
    { kind: 'reset', probability: choices.between(0.02, 0.1) },
    { kind: 'reset-in-request', probability: choices.between(0.02, 0.1) },
    { kind: 'lost-answer', probability: choices.between(0.02, 0.1) },
    { kind: 'stall', probability: 0.01 },
  ],
]

/** Slows and breaks the store according to the seed, until the signal aborts. Removes all faults at the end. */
export async function troubleStore(options: {
  hostsProxy: FaultProxy
  browserProxy: FaultProxy
  seed: number
  signal: AbortSignal
}): Promise<void> {
  const { hostsProxy, browserProxy, seed, signal } = options
  await Promise.all([
    trouble(hostsProxy, betweenHosts, choicesOf(seed, 'store for hosts'), signal),
    trouble(browserProxy, betweenBrowsers, choicesOf(seed, 'store for browsers'), signal),
  ])
}

async function trouble(
  { faults }: FaultProxy,
  kinds: ((choices: Choices) => Fault[])[],
  choices: Choices,
  signal: AbortSignal,
): Promise<void> {
  const wait = (minMs: number, maxMs: number) => sleep(choices.between(minMs, maxMs), undefined, { signal })
  try {
    for (;;) {
      await faults.set(choices.pick(kinds)(choices))
      await wait(4_000, 12_000)
      if (choices.chance(0.1)) {
        await faults.set([{ kind: 'refused' }])
        await wait(300, 2_000)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await faults.set([])
  }
}
