import type { Failure } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import type { Problem } from './check-file'

/** Why an upload stopped: the person cancelled it, a host rejected it, or sending it to the store failed. */
export type Stop = { by: 'person' } | { by: 'host'; failure: Failure } | { by: 'store'; failure: SendFailure }

/** Steps before a file is accepted. `problem` is about the last rejected files. */
type Choosing =
  | { step: 'empty'; problem: Problem | null }
  /** Over a limit (`reason`), but the browser can shrink it. */
  | { step: 'oversized'; file: File; reason: Problem; problem: Problem | null }

/** Steps of an accepted file, which the editor shows. `problem` is about another file that was rejected since. */
export type Accepted = { file: File; problem: Problem | null } & Transfer

type Transfer =
  | { step: 'starting' }
  /** `fraction`: 0 to 1; at 1 the store has yet to respond. `tries` includes this one. */
  | { step: 'sending'; ticket: UploadTicket; tries: number; fraction: number }
  /** Waits `seconds` before the next retry, because the last try ended with `failure`. */
  | { step: 'waiting'; ticket: UploadTicket | null; failure: SendFailure; seconds: number }
  /** Keeps the ticket if it may still be valid. */
  | { step: 'stopped'; ticket: UploadTicket | null; stop: Stop }
  | { step: 'arrived'; uploadId: string }

export type UploadState =
  | Choosing
  | { step: 'checking'; before: Choosing }
  /** Becomes a JPEG, then the photo in the editor. `before`: where a cancelled or failed conversion returns to. */
  | { step: 'converting'; file: File; before: Choosing }
  | { step: 'shrinking'; file: File; reason: Problem }
  | Accepted

export type UploadEvent =
  | { type: 'check' }
  | { type: 'reject'; problem: Problem }
  | { type: 'convert'; file: File }
  | { type: 'keep' }
  | { type: 'forget problem' }
  | { type: 'find oversized'; file: File; reason: Problem }
  | { type: 'shrink' }
  | { type: 'start'; file: File }
  | { type: 'renew' }
  | { type: 'send'; ticket: UploadTicket; tries: number }
  | { type: 'progress'; fraction: number }
  | { type: 'wait'; failure: SendFailure; seconds: number }
  | { type: 'stop'; stop: Stop }
  | { type: 'arrive'; uploadId: string }
  | { type: 'discard' }

export const emptyUpload: Choosing = { step: 'empty', problem: null }

/** The state machine of one upload, from file choice to stored file. Ignores events that do not fit the step. */
export function reduceUpload(state: UploadState, event: UploadEvent): UploadState {
  switch (event.type) {
    case 'check':
      // An accepted file stays, until another one replaces it.
      return isChoosing(state) ? { step: 'checking', before: state } : withoutProblem(state)
    case 'reject':
      return reject(state, event.problem)
    case 'convert':
      return { step: 'converting', file: event.file, before: state.step === 'checking' ? state.before : emptyUpload }
    case 'keep':
      return state.step === 'checking' ? state.before : state
    case 'forget problem':
      return withoutProblem(state)
    case 'find oversized':
      return { step: 'oversized', file: event.file, reason: event.reason, problem: null }
    case 'shrink':
      return state.step === 'oversized' ? { step: 'shrinking', file: state.file, reason: state.reason } : state
    case 'start':
      return { step: 'starting', file: event.file, problem: null }
    case 'renew':
      return isAccepted(state) ? { ...base(state), step: 'starting' } : state
    case 'send': {
      const { ticket, tries } = event
      return isAccepted(state) && state.step !== 'arrived'
        ? { ...base(state), step: 'sending', ticket, tries, fraction: 0 }
        : state
    }
    case 'progress':
      return state.step === 'sending' ? { ...state, fraction: event.fraction } : state
    case 'wait': {
      const { failure, seconds } = event
      return state.step === 'sending'
        ? { ...base(state), step: 'waiting', ticket: ticketAfter(state, failure), failure, seconds }
        : state
    }
    case 'stop':
      return stop(state, event.stop)
    case 'arrive':
      return state.step === 'sending' ? { ...base(state), step: 'arrived', uploadId: event.uploadId } : state
    case 'discard':
      return emptyUpload
  }
}

/** Whether a file has been accepted, so that the editor shows it. */
export function isAccepted(state: UploadState): state is Accepted {
  return 'file' in state && !['oversized', 'shrinking', 'converting'].includes(state.step)
}

/** Whether the upload is running, so that leaving the site would stop it. */
export function isBusy(state: UploadState): state is Extract<Accepted, { step: 'starting' | 'sending' | 'waiting' }> {
  return state.step === 'starting' || state.step === 'sending' || state.step === 'waiting'
}

/** Whether this page has a file that is not stored yet. */
export function hasUnsentFile(state: UploadState): boolean {
  return state.step === 'checking' || ('file' in state && state.step !== 'arrived')
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

function isChoosing(state: UploadState): state is Choosing {
  return state.step === 'empty' || state.step === 'oversized'
}

const base = ({ file, problem }: Accepted) => ({ file, problem })

function withoutProblem(state: UploadState): UploadState {
  return 'problem' in state ? { ...state, problem: null } : state
}

/** Keeps the chosen file when other files are rejected. */
function reject(state: UploadState, problem: Problem): UploadState {
  if (state.step === 'checking' || state.step === 'converting') return { ...state.before, problem }
  if (state.step === 'shrinking') return { step: 'oversized', file: state.file, reason: state.reason, problem }
  return { ...state, problem }
}

function stop(state: UploadState, reason: Stop): UploadState {
  if (state.step === 'converting' && reason.by === 'person') return state.before
  if (!isBusy(state)) return state
  // A retry cannot read the file either.
  if (reason.by === 'store' && reason.failure.kind === 'file_changed') {
    return { step: 'empty', problem: { code: 'file_changed', name: state.file.name } }
  }
  const ticket = state.step === 'starting' ? null : ticketAfter(state, reason.by === 'store' ? reason.failure : null)
  return { ...base(state), step: 'stopped', ticket, stop: reason }
}

/** Drops a ticket that expired or that the store rejected. Keeps it if the store was unreachable or busy. */
function ticketAfter({ ticket }: { ticket: UploadTicket | null }, failure: SendFailure | null): UploadTicket | null {
  const isRejected = failure?.kind === 'expired' || (failure?.kind === 'refused' && (failure.status ?? 0) < 500)
  return isRejected ? null : ticket
}
