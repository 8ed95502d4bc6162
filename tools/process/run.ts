import pc from 'picocolors'
import { UserError } from './errors'

/** Something that runs until it is closed or fails. */
export interface Running {
  /** Resolves when it can no longer run. */
  failure: Promise<UserError>
  close(): Promise<void>
}

/**
 * Runs something until Ctrl-C, SIGTERM or SIGHUP, closes it and exits with code 0. If it fails at the start or later,
 * prints the output of the failed process and one sentence, and exits with code 1. A second Ctrl-C exits at once with
 * code 130; children end by themselves when this process is gone.
 */
export async function runUntilInterrupted(start: (signal: AbortSignal) => Promise<Running>): Promise<never> {
  const interruption = new AbortController()
  const interrupted = new Promise<void>((resolve) => {
    function interrupt(): void {
      if (interruption.signal.aborted) return
      console.log('\nStopping …')
      interruption.abort()
      resolve()
    }
    onSignal(() => (interruption.signal.aborted ? process.exit(130) : interrupt()))
    // The wrapper exits on the same signal that this process received, so its exit is not a second signal.
    onWrapperGone(interrupt)
  })

  try {
    const running = await start(interruption.signal)
    const failure = await Promise.race([interrupted, running.failure])
    await running.close()
    if (failure) throw failure
  } catch (error) {
    // An error during the shutdown is a consequence of the shutdown.
    if (!interruption.signal.aborted) {
      printError(error)
      process.exit(1)
    }
  }
  console.log('Stopped.')
  process.exit(0)
}

function onSignal(handle: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle)
}

function onWrapperGone(handle: () => void): void {
  // A wrapper (npm, tsx) killed with SIGKILL forwards no signal; the only sign is that the parent pid changes. Without
  // a wrapper the parent is a shell, which may exit and leave this process running.
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

function printError(error: unknown): void {
  if (error instanceof UserError) {
    if (error.output) console.error(pc.dim(error.output))
    console.error(`\n${pc.red('✗')} ${error.message}`)
  } else {
    console.error(error)
  }
}
