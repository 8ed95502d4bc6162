import 'server-only'
import { channel } from 'node:diagnostics_channel'
import { log } from '@/lib/log'
import type { ErrorCode } from '@/lib/result'

/** A finished step: a server action, an API request, or what a page reads. */
export interface StepRecord {
  /** Its name, the same for an action and its route: `startUpload`. */
  step: string
  /** `disconnected`: the step failed after its client had disconnected. */
  outcome: 'ok' | 'disconnected' | ErrorCode
  /** The collection's name, if the input names one. */
  collection?: string | undefined
  requestId: string | null
  /** Milliseconds. */
  ms: number
  /** What was thrown, with `internal` and `disconnected`. */
  error?: unknown
}

/** Gets the `StepRecord` of each step. */
export const stepRecords = channel('anyhost.step-records')

/**
 * Records how a step ended. This is the only place that every step passes. Refusals and failures get one log line each,
 * without personal data (security S35): refusals as information, failures as errors.
 */
export function recordStep(record: StepRecord): void {
  stepRecords.publish(record)
  const { outcome, error, ...step } = record
  if (outcome === 'ok') return
  if (outcome === 'disconnected') log().info({ ...step, err: error }, 'step aborted: the client disconnected')
  else if (outcome === 'internal') log().error({ ...step, code: outcome, err: error }, 'step failed')
  else log().info({ ...step, code: outcome }, 'step refused')
}
