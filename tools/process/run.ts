import pc from 'picocolors'
import { UserError } from './errors'

/** What can be run until somebody ends it. */
export interface Running {
  /** Resolves when it cannot go on by itself. */
  failure: Promise<UserError>
  close(): Promise<void>
}

/**
 * Runs something until Ctrl-C, SIGTERM or SIGHUP, then ends it in order and ends this process with code 0. Where it
 * fails, in starting or later, says so in its one sentence below the last words of what failed, and ends with code 1.
 * A second Ctrl-C does not wait: the children end by themselves when this process is gone.
 */
export async function runUntilInterrupted(start: (signal: AbortSignal) => Promise<Running>): Promise<never> {
  const interruption = new AbortController()
  const interrupted = new Promise<void>((resolve) => {
    function interrupt(): void {
      if (interruption.signal.aborted) return
      console.log('\nEnding …')
      interruption.abort()
      resolve()
    }
    onSignal(() => (interruption.signal.aborted ? process.exit(130) : interrupt()))
    // The wrapper ends of the same signal that we got, and that is no second one.
    onWrapperGone(interrupt)
  })

  try {
    const running = await start(interruption.signal)
    const failure = await Promise.race([interrupted, running.failure])
    await running.close()
    if (failure) throw failure
  } catch (error) {
    // Whatever fails while everything is being ended fails because of that.
    if (!interruption.signal.aborted) {
      report(error)
      process.exit(1)
    }
  }
  console.log('Ended.')
  process.exit(0)
}

function onSignal(handle: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle)
}

function onWrapperGone(handle: () => void): void {
  // A wrapper (npm, tsx) that is killed outright passes nothing on; we see it only by having another parent. Without
  // one our parent is somebody's shell, which may go and leave us running.
  const { ppid } = process
  const isUnderTsx = process.execArgv.some((argument) => argument.includes('preflight'))
  const isWrapped = isUnderTsx || process.env.npm_lifecycle_event !== undefined
  if (!isWrapped) return
  const watch = setInterval(() => {
    if (process.ppid === ppid) return
    clearInterval(watch)
    handle()
  }, 1_000)
}

function report(error: unknown): void {
  if (error instanceof UserError) {
    if (error.output) console.error(pc.dim(error.output))
    console.error(`\n${pc.red('✗')} ${error.message}`)
  } else {
    console.error(error)
  }
}
