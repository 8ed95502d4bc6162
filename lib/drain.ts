import 'server-only'
import { type Connections, watchConnections } from './connections'
import type { Gate } from './gate'
import { log } from './log'
import { perProcess } from './per-process'

/** How long a draining host serves on as if nothing were, at most, in milliseconds: until then a balancer has noticed. */
const longestNoticeMs = 5_000

/** By exit codes, as shells and Next have them: 128 and the signal's number. */
const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const

const state = perProcess('drain', () => ({ isDraining: false, gates: new Set<Gate>() }))

/** Whether this host is about to end and wants no more requests. */
export function isDraining(): boolean {
  return state.isDraining
}

/** Has the drain tell those who wait at this gate when there is no time left for them. */
export function closeWithDrain(gate: Gate): Gate {
  state.gates.add(gate)
  return gate
}

/**
 * What SIGTERM and SIGINT do, from now on. All of it takes `drainMs` at most:
 *
 * 1. At once `/readyz` says 503, and answers end their connections. Whatever comes is served, for 5 seconds, or a fifth
 *    of `drainMs` where that is less: the time in which a balancer has to notice.
 * 2. Then no new connection is taken; what is under way ends, crops that wait for a place included. With the last
 *    answer the process exits, with 143 or 130.
 * 3. At nine tenths of `drainMs` crops that still wait are told `busy`; at its end whatever runs is ended with the process.
 *
 * A second signal ends the process at once.
 * @param drainMs milliseconds
 */
export function drainOnSignals(drainMs: number): void {
  const connections = watchConnections()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Next's own: they stop listening, wait for what is under way, `after` included, and exit.
    const closers = process.listeners(signal)
    process.removeAllListeners(signal)
    process.on(signal, () => {
      const underWay = { requests: connections.requests(), crops: crops().underWay }
      if (state.isDraining) {
        log().warn({ signal, ...underWay }, 'a second signal: this host ends at once')
        process.exit(exitCodes[signal])
      }
      log().info({ signal, drainMs, ...underWay }, 'draining')
      state.isDraining = true
      drain(drainMs, connections, () => {
        for (const close of closers) close(signal)
      })
      setTimeout(() => {
        const cut = { requests: connections.requests(), crops: crops().underWay }
        log().error({ drainMs, ...cut }, 'DRAIN_MS is over: what still runs is ended')
        process.exit(exitCodes[signal])
      }, drainMs)
    })
  }
}

function drain(drainMs: number, connections: Connections, close: () => void): void {
  const startedAt = performance.now()
  const doneBefore = crops().done
  connections.endWithAnswer()
  setTimeout(
    () => {
      close()
      // An answer that had begun before the signal left its connection open.
      setInterval(() => connections.endIdle(), 100)
    },
    Math.min(longestNoticeMs, drainMs / 5),
  )
  setTimeout(() => {
    for (const gate of state.gates) gate.close()
  }, drainMs * 0.9)
  process.once('exit', () => {
    const ms = Math.round(performance.now() - startedAt)
    if (connections.requests() === 0) log().info({ ms, crops: crops().done - doneBefore }, 'drained')
  })
}

/** Crops of this process: at work or waiting, and ended so far. */
function crops(): { underWay: number; done: number } {
  const counts = [...state.gates].map((gate) => gate.counts())
  const underWay = counts.reduce((sum, { working, waiting }) => sum + working + waiting, 0)
  return { underWay, done: counts.reduce((sum, { done }) => sum + done, 0) }
}
