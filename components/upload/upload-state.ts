import type { Failure } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import type { Problem } from './check-file'

/** Why an upload stopped: the person cancelled it, a host rejected it, or sending it to the store failed. */
export type Stop = { by: 'person' } | { by: 'host'; failure: Failure } | { by: 'store'; failure: SendFailure }

/** Steps that wait for the person. `problem` is about the last rejected files. */
export type Idle =
  | { step: 'empty'; problem: Problem | null }
  /** Over a limit (`reason`), but the browser can shrink it. */
  | { step: 'oversized'; file: File; reason: Problem; problem: Problem | null }
  /** Keeps the file, and its ticket if it may still be valid. */
  | { step: 'stopped'; file: File; ticket: UploadTicket | null; stop: Stop; problem: Problem | null }

export type UploadState =
  | Idle
  | { step: 'checking'; before: Idle }
  /** Becomes a JPEG. `before`: where a cancelled or failed conversion returns to. */
  | { step: 'converting'; file: File; before: Idle }
  | { step: 'shrinking'; file: File; reason: Problem }
  | { step: 'starting'; file: File }
  /** `fraction`: 0 to 1; at 1 the store has yet to respond. `tries` includes this one. */
  | { step: 'sending'; file: File; ticket: UploadTicket; tries: number; fraction: number }
  /** Waits `seconds` before the next retry, because the last try ended with `failure`. */
  | { step: 'waiting'; file: File; ticket: UploadTicket | null; failure: SendFailure; seconds: number }
  | { step: 'arrived'; file: File }

export type UploadEvent =
  | { type: 'check' }
  | { type: 'reject'; problem: Problem }
  | { type: 'convert'; file: File }
  | { type: 'find oversized'; file: File; reason: Problem }
  | { type: 'shrink' }
  | { type: 'start'; file: File }
  | { type: 'send'; file: File; ticket: UploadTicket; tries: number }
  | { type: 'progress'; fraction: number }
  | { type: 'wait'; failure: SendFailure; seconds: number }
  | { type: 'stop'; stop: Stop }
  | { type: 'arrive' }

export const emptyUpload: UploadState = { step: 'empty', problem: null }

/** The state machine of one upload, from file choice to stored file. Ignores events that do not fit the step. */
export function reduceUpload(state: UploadState, event: UploadEvent): UploadState {
  switch (event.type) {
    case 'check':
      return isIdle(state) ? { step: 'checking', before: state } : state
    case 'reject':
      return reject(state, event.problem)
    case 'convert':
      return state.step === 'checking' ? { step: 'converting', file: event.file, before: state.before } : state
    case 'find oversized':
      return state.step === 'checking'
        ? { step: 'oversized', file: event.file, reason: event.reason, problem: null }
        : state
    case 'shrink':
      return state.step === 'oversized' ? { step: 'shrinking', file: state.file, reason: state.reason } : state
    case 'start':
      return state.step === 'starting' || state.step === 'sending' ? state : { step: 'starting', file: event.file }
    case 'send':
      return state.step === 'sending' || state.step === 'arrived'
        ? state
        : { step: 'sending', file: event.file, ticket: event.ticket, tries: event.tries, fraction: 0 }
    case 'progress':
      return state.step === 'sending' ? { ...state, fraction: event.fraction } : state
    case 'wait': {
      const { failure, seconds } = event
      return state.step === 'sending'
        ? { step: 'waiting', file: state.file, ticket: ticketAfter(state, failure), failure, seconds }
        : state
    }
    case 'stop':
      return stop(state, event.stop)
    case 'arrive':
      return state.step === 'sending' ? { step: 'arrived', file: state.file } : state
  }
}

/** Whether the upload is running, so that leaving the page would stop it. */
export function isBusy(
  state: UploadState,
): state is Extract<UploadState, { step: 'starting' | 'sending' | 'waiting' }> {
  return state.step === 'starting' || state.step === 'sending' || state.step === 'waiting'
}

/** Whether this page has a file that is not stored yet. */
export function hasUnsentFile(state: UploadState): boolean {
  return state.step === 'checking' || ('file' in state && state.step !== 'arrived')
}

/** Whether the step accepts another file. */
export function isIdle(state: UploadState): state is Idle {
  return state.step === 'empty' || state.step === 'oversized' || state.step === 'stopped'
}

/** Whether the upload stopped for lack of a network and can resume by itself. */
export function waitsForNetwork(state: UploadState): boolean {
  if (state.step !== 'stopped') return false
  const { stop } = state
  return (
    (stop.by === 'host' && stop.failure.code === 'unreachable') ||
    (stop.by === 'store' && stop.failure.kind === 'unreachable')
  )
}

/** Keeps the chosen file when other files are rejected. */
function reject(state: UploadState, problem: Problem): UploadState {
  if (state.step === 'checking' || state.step === 'converting') return { ...state.before, problem }
  if (state.step === 'shrinking') return { step: 'oversized', file: state.file, reason: state.reason, problem }
  return isIdle(state) ? { ...state, problem } : state
}

function stop(state: UploadState, reason: Stop): UploadState {
  if (state.step === 'converting' && reason.by === 'person') return state.before
  if (!isBusy(state)) return state
  // A retry cannot read the file either.
  if (reason.by === 'store' && reason.failure.kind === 'file_changed') {
    return { step: 'empty', problem: { code: 'file_changed', name: state.file.name } }
  }
  const ticket = state.step === 'starting' ? null : ticketAfter(state, reason.by === 'store' ? reason.failure : null)
  return { step: 'stopped', file: state.file, ticket, stop: reason, problem: null }
}

/** Drops a ticket that expired or that the store rejected. Keeps it if the store was unreachable or busy. */
function ticketAfter({ ticket }: { ticket: UploadTicket | null }, failure: SendFailure | null): UploadTicket | null {
  const isRejected = failure?.kind === 'expired' || (failure?.kind === 'refused' && (failure.status ?? 0) < 500)
  return isRejected ? null : ticket
}
