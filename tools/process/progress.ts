import { performance } from 'node:perf_hooks'
import pc from 'picocolors'
import { UserError } from './errors'

/** Takes one line for the terminal (or for nowhere, in tests). */
export type Log = (line: string) => void

/** Where stages report, and what keeps the next one from beginning. */
export interface Reporter {
  log: Log
  signal?: AbortSignal
}

/** One stage of starting up. */
interface Stage<Result> {
  name: string
  /** What it does, after its name. */
  does: string
  work: () => Promise<Result>
  /** What came of it. */
  outcome: (result: Result) => string
  /** What a person can do when it fails for a reason that `work` has no sentence for. */
  remedy: string
}

/**
 * Runs a stage: says what it does, and when it is done what came of it and how long it took. Does not begin when the
 * signal is aborted already. Throws a UserError: that of `work`, or one made of its error and the remedy.
 */
export async function runStep<Result>({ log, signal }: Reporter, stage: Stage<Result>): Promise<Result> {
  signal?.throwIfAborted()
  log(`${pc.bold(stage.name)}: ${stage.does} …`)
  const startedAt = performance.now()
  try {
    const result = await stage.work()
    log(`  ${pc.green('✓')} ${stage.outcome(result)} ${pc.dim(`(${formatDuration(performance.now() - startedAt)})`)}`)
    return result
  } catch (error) {
    if (error instanceof UserError) throw error
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new UserError(`${stage.name} failed (${reason}): ${stage.remedy}.`, '', { cause: error })
  }
}

function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
