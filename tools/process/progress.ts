import { performance } from 'node:perf_hooks'
import pc from 'picocolors'
import { UserError } from './errors'

/** Prints one line. Tests pass a function that ignores or collects it. */
export type Log = (line: string) => void

/** Where steps print their progress, and the signal that stops the next one from starting. */
export interface Reporter {
  log: Log
  signal?: AbortSignal
}

/** One step of starting up. */
interface Step<Result> {
  name: string
  /** Printed after the name when the step starts. */
  description: string
  work: () => Promise<Result>
  /** Returns the text to print when the step has succeeded. */
  outcome: (result: Result) => string
  /** What to do if `work` fails with an error other than a UserError: completes "To fix it, …". */
  remedy: string
}

/**
 * Runs a step and prints its description, its outcome and its duration.
 * @throws the abort reason if the signal is aborted already; the UserError of `work`; any other error of `work` as a
 *   UserError with the remedy
 */
export async function runStep<Result>({ log, signal }: Reporter, step: Step<Result>): Promise<Result> {
  signal?.throwIfAborted()
  log(`${pc.bold(step.name)}: ${step.description} …`)
  const startedAt = performance.now()
  try {
    const result = await step.work()
    log(`  ${pc.green('✓')} ${step.outcome(result)} ${pc.dim(`(${formatDuration(performance.now() - startedAt)})`)}`)
    return result
  } catch (error) {
    if (error instanceof UserError) throw error
    const reason = error instanceof Error ? error.message || error.name : String(error)
    const message = `${step.name} failed: ${reason.replace(/\.$/, '')}. To fix it, ${step.remedy}.`
    throw new UserError(message, '', { cause: error })
  }
}

function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
