import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, describeEnding, type Ending } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { isReady } from '@/tools/process/probes'
import type { Log } from '@/tools/process/progress'

const readyWithinMilliseconds = 60_000
const readyPollMilliseconds = 100
const quickRestarts = 5
const quickRestartsWithinMilliseconds = 60_000

/** A host that is kept running: when its process ends without being asked to, another one takes its place. */
export interface HostProcess {
  readonly name: string
  readonly port: number
  readonly pid: number | undefined
  /** Starts it and resolves when it is ready (`/readyz`). Throws a UserError with its last words when it does not. */
  start(): Promise<void>
  /** Kills it as a crash would, and leaves it down. */
  kill(): Promise<unknown>
  /** Asks it to end, lets it finish what it is doing, and leaves it down. @returns how it ended, if it ever ran */
  end(): Promise<Ending | undefined>
}

/** Prepares a host; `start` begins it. */
export function createHost(options: {
  name: string
  port: number
  launch: () => Child
  onUp: () => void
  onDown: () => void
  log: Log
  /** How long after its end another process is started. */
  restartAfterMilliseconds?: number
}): HostProcess {
  const { name, port, launch, onUp, onDown, log, restartAfterMilliseconds = 1_000 } = options
  let child: Child | undefined
  // Each start begins a run of its own, so that what an earlier one still waits for cannot start a second process.
  let run = { isWanted: false }

  async function launchAndWait(): Promise<Child> {
    child = launch()
    await becomeReady(child, port)
    onUp()
    return child
  }

  async function keep(first: Child, thisRun: { isWanted: boolean }): Promise<void> {
    let current = first
    let restartedAt: number[] = []
    for (;;) {
      const ending = await current.ended
      onDown()
      if (!thisRun.isWanted) return

      const now = Date.now()
      restartedAt = restartedAt.filter((time) => now - time < quickRestartsWithinMilliseconds)
      if (restartedAt.length >= quickRestarts) {
        log(`${name} ended ${quickRestarts + 1} times within a minute and is left down; see its log for the reason.`)
        return
      }
      restartedAt.push(now)
      log(`${name} ended by itself (${describeEnding(ending)}) and is started again.`)
      await sleep(restartAfterMilliseconds)
      if (!thisRun.isWanted) return
      try {
        current = await launchAndWait()
        log(`${name} is up again (pid ${current.pid}).`)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        // Its process has ended, so the next turn counts it and tries again.
        log(`${error.message}\n${error.output}`)
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
      void keep(await launchAndWait(), thisRun)
    },
    kill: () => stop((running) => running.kill('SIGKILL')),
    end: () => stop((running) => running.end()),
  }
}

async function becomeReady(child: Child, port: number): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMilliseconds
  let isGone = false
  void child.ended.then(() => {
    isGone = true
  })
  while (!isGone && Date.now() < giveUpAt) {
    if ((await isReady(port)) && !isGone) return
    await sleep(readyPollMilliseconds)
  }
  if (!isGone) await child.end()
  const why = isGone ? describeEnding(await child.ended) : `no answer within ${readyWithinMilliseconds / 1000} s`
  throw new UserError(`${child.name} did not come up (${why}): what it said stands below.`, await child.lastOutput())
}
