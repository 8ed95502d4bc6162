import 'server-only'
import { cropLimiter } from '@/lib/images/crop-limiter'
import { log } from '@/lib/log'
import { perProcess } from '@/lib/per-process'
import { type Connections, watchConnections } from './connections'

/** The longest time, in milliseconds, that a draining host keeps accepting requests until the balancer notices. */
const maxNoticeMs = 5_000

/** Hosts get small bodies only. Node's default of 5 minutes lets slow clients hold a host's connections. */
const requestTimeoutMs = 15_000

/** 128 plus the signal's number, as shells and Next use. */
const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const

const state = perProcess('drain', () => ({ isDraining: false }))

/** Whether this host is shutting down and should get no more requests. */
export function isDraining(): boolean {
  return state.isDraining
}

/**
 * Makes SIGTERM and SIGINT drain this host. Draining takes `drainMs` at most:
 *
 * 1. At once `/readyz` answers 503 and responses close their connections. The host still serves every request for
 *    5 seconds, or a fifth of `drainMs` if that is less, until the balancer has noticed.
 * 2. Then the host accepts no new connections and finishes running requests, waiting crops included. After the last
 *    response the process exits with 143 or 130.
 * 3. At nine tenths of `drainMs` waiting crops get `busy`. At the end the process exits, whatever still runs.
 *
 * A second signal ends the process at once.
 * @param drainMs milliseconds
 */
export function drainOnSignals(drainMs: number): void {
  const connections = watchConnections(requestTimeoutMs)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Next's own listeners: they stop listening, wait for running requests and `after` callbacks, and exit.
    const closers = process.listeners(signal)
    process.removeAllListeners(signal)
    process.on(signal, () => {
      const active = () => ({ requests: connections.requests(), crops: activeCrops() })
      if (state.isDraining) {
        log().warn({ signal, ...active() }, 'second signal: exiting at once')
        process.exit(exitCodes[signal])
      }
      log().info({ signal, drainMs, ...active() }, 'draining')
      state.isDraining = true
      drain(drainMs, connections, () => {
        for (const close of closers) close(signal)
      })
      setTimeout(() => {
        log().error({ drainMs, ...active() }, 'DRAIN_MS is over: exiting with requests unfinished')
        process.exit(exitCodes[signal])
      }, drainMs)
    })
  }
}

function drain(drainMs: number, connections: Connections, close: () => void): void {
  const startedAt = performance.now()
  const doneBefore = cropLimiter().counts().done
  connections.closeAfterResponse()
  setTimeout(
    () => {
      close()
      // A response that began before the signal left its connection open.
      setInterval(() => connections.closeIdle(), 100)
    },
    Math.min(maxNoticeMs, drainMs / 5),
  )
  setTimeout(() => cropLimiter().close(), drainMs * 0.9)
  process.once('exit', () => {
    const ms = Math.round(performance.now() - startedAt)
    const crops = cropLimiter().counts().done - doneBefore
    if (connections.requests() === 0) log().info({ ms, crops }, 'drained')
  })
}

/** Crops of this process that run or wait. */
function activeCrops(): number {
  const { running, waiting } = cropLimiter().counts()
  return running + waiting
}
