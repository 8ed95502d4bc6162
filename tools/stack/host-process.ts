import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, describeEnding, type Ending } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { isReady } from '@/tools/process/probes'
import type { Log } from '@/tools/process/progress'

const readyWithinMilliseconds = 60_000
const readyPollMilliseconds = 100
const quickRestarts = 5
const quickRestartsWithinMilliseconds = 60_000

/** A supervised host: if its process crashes, a new one is started. */
export interface HostProcess {
  readonly name: string
  readonly port: number
  readonly pid: number | undefined
  /**
   * Starts the host and resolves when it is ready (`/readyz`).
   * @throws UserError with its output if it does not become ready within 60 s
   */
  start(): Promise<void>
  /** Kills the process with SIGKILL, as in a crash, and does not restart it. */
  kill(): Promise<unknown>
  /** Drains the host, ends it and does not restart it. @returns how it ended; `undefined` if it never ran */
  end(): Promise<Ending | undefined>
}

/** Creates a host; `start` starts it. */
export function createHost(options: {
  name: string
  port: number
  launch: () => Child
  onUp: () => void
  onDown: () => void
  log: Log
  /** The delay between a crash and the restart. */
  restartAfterMilliseconds?: number
}): HostProcess {
  const { name, port, launch, onUp, onDown, log, restartAfterMilliseconds = 1_000 } = options
  let child: Child | undefined
  // Each start has a run of its own, so that a pending restart of an earlier run cannot start a second process.
  let run = { isWanted: false }

  async function launchAndWait(): Promise<Child> {
    child = launch()
    await waitUntilReady(child, port)
    onUp()
    return child
  }

  async function supervise(first: Child, thisRun: { isWanted: boolean }): Promise<void> {
    let current = first
    let restartedAt: number[] = []
    for (;;) {
      const ending = await current.ended
      onDown()
      if (!thisRun.isWanted) return

      const now = Date.now()
      restartedAt = restartedAt.filter((time) => now - time < quickRestartsWithinMilliseconds)
      if (restartedAt.length >= quickRestarts) {
        log(
          `${name} crashed ${quickRestarts + 1} times within a minute and is not restarted. See its log for the reason.`,
        )
        return
      }
      restartedAt.push(now)
      log(`${name} stopped unexpectedly (${describeEnding(ending)}). Restarting it.`)
      await sleep(restartAfterMilliseconds)
      if (!thisRun.isWanted) return
      try {
        current = await launchAndWait()
        log(`${name} is up again (pid ${current.pid}).`)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        // Its process has ended, so the next iteration counts it and restarts it.
        log(`${error.output}\n${error.message}`)
      }
    }
  }

  async function stop(end: (child: Child) => void | Promise<void>): Promise<Ending | undefined> {
    run.isWanted = false
    if (!child) return undefined
    await end(child)
    return child.ended
  }

  return {
    name,
    port,
    get pid() {
      return child?.pid
    },
    async start() {
      const thisRun = { isWanted: true }
      run.isWanted = false
      run = thisRun
      void supervise(await launchAndWait(), thisRun)
    },
    kill: () => stop((running) => running.kill('SIGKILL')),
    end: () => stop((running) => running.end()),
  }
}

async function waitUntilReady(child: Child, port: number): Promise<void> {
  const deadline = Date.now() + readyWithinMilliseconds
  let isGone = false
  void child.ended.then(() => {
    isGone = true
  })
  while (!isGone && Date.now() < deadline) {
    if ((await isReady(port)) && !isGone) return
    await sleep(readyPollMilliseconds)
  }
  if (!isGone) await child.end()
  const reason = isGone ? describeEnding(await child.ended) : `not ready within ${readyWithinMilliseconds / 1000} s`
  throw new UserError(`${child.name} did not start (${reason}). See its output above.`, await child.lastOutput())
}
