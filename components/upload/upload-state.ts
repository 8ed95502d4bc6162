import type { Failure } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import type { Problem } from './check-file'

/** Why an upload stopped: the person cancelled it, a host rejected it, or sending it to the store failed. */
export type Stop = { by: 'person' } | { by: 'host'; failure: Failure } | { by: 'store'; failure: SendFailure }

/** The upload of one photo, and beside it the choice of the next one. */
export interface UploadState {
  /** The photo in the editor. Stays until another one is ready to replace it. */
  accepted: Accepted | null
  choosing: Choosing | null
  /** Why the last files were rejected. */
  problem: Problem | null
}

/** Steps of an accepted photo. */
export type Accepted = { file: File } & Transfer

type Transfer =
  | { step: 'starting' }
  /** `fraction`: 0 to 1; at 1 the store has yet to respond. `tries` includes this one. */
  | { step: 'sending'; ticket: UploadTicket; tries: number; fraction: number }
  /** Waits `seconds` before the next retry, because the last try ended with `failure`. */
  | { step: 'waiting'; ticket: UploadTicket | null; failure: SendFailure; seconds: number }
  /** Keeps the ticket if it may still be valid. `isOffline`: the browser had no network. */
  | { step: 'stopped'; ticket: UploadTicket | null; stop: Stop; isOffline: boolean }
  | { step: 'arrived'; uploadId: string }

/** A file over a limit (`reason`), which the browser can shrink. */
export interface Oversized {
  step: 'oversized'
  file: File
  reason: Problem
}

/** Steps of a chosen file until it is accepted. `before`: what is left if it is rejected or cancelled. */
export type Choosing =
  | Oversized
  | { step: 'checking'; before: Oversized | null }
  /** Becomes a JPEG. */
  | { step: 'converting'; file: File; before: Oversized | null }
  | { step: 'shrinking'; file: File; before: Oversized | null }

export type UploadEvent =
  | { type: 'check' }
  | { type: 'reject'; problem: Problem }
  | { type: 'convert'; file: File }
  | { type: 'find oversized'; file: File; reason: Problem }
  | { type: 'shrink'; file: File }
  /** The person keeps what was there before the last choice. */
  | { type: 'keep' }
  | { type: 'forget choice' }
  | { type: 'forget problem' }
  | { type: 'start'; file: File }
  | { type: 'renew' }
  | { type: 'send'; ticket: UploadTicket; tries: number }
  | { type: 'progress'; fraction: number }
  | { type: 'wait'; failure: SendFailure; seconds: number }
  | { type: 'stop'; stop: Stop; isOffline?: boolean }
  | { type: 'arrive'; uploadId: string }
  | { type: 'discard' }

export const emptyUpload: UploadState = { accepted: null, choosing: null, problem: null }

/** The state machine of one upload, from file choice to stored file. Ignores events that do not fit the step. */
export function reduceUpload(state: UploadState, event: UploadEvent): UploadState {
  const before = remainder(state.choosing)
  switch (event.type) {
    case 'check':
      return { ...state, choosing: { step: 'checking', before }, problem: null }
    case 'reject':
      return { ...state, choosing: before, problem: event.problem }
    case 'convert':
      return { ...state, choosing: { step: 'converting', file: event.file, before }, problem: null }
    case 'find oversized':
      return { ...state, choosing: { step: 'oversized', file: event.file, reason: event.reason }, problem: null }
    case 'shrink':
      return { ...state, choosing: { step: 'shrinking', file: event.file, before }, problem: null }
    case 'keep':
      return { ...state, choosing: before }
    case 'forget choice':
      return { ...state, choosing: null }
    case 'forget problem':
      return { ...state, problem: null }
    case 'start':
      return { accepted: { step: 'starting', file: event.file }, choosing: null, problem: null }
    case 'discard':
      return { ...state, accepted: null, problem: null }
    default:
      return state.accepted ? reduceTransfer(state, state.accepted, event) : state
  }
}

type TransferEvent = Extract<UploadEvent, { type: 'renew' | 'send' | 'progress' | 'wait' | 'stop' | 'arrive' }>

function reduceTransfer(state: UploadState, accepted: Accepted, event: TransferEvent): UploadState {
  const { file, step } = accepted
  const become = (transfer: Transfer): UploadState => ({ ...state, accepted: { file, ...transfer } })
  if (step === 'arrived') return state
  switch (event.type) {
    case 'renew':
      return become({ step: 'starting' })
    case 'send':
      return become({ step: 'sending', ticket: event.ticket, tries: event.tries, fraction: 0 })
    case 'stop':
      return isBusy(accepted) ? stop(state, accepted, event.stop, event.isOffline ?? false) : state
  }
  if (step !== 'sending') return state
  switch (event.type) {
    case 'progress':
      return become({ ...accepted, fraction: event.fraction })
    case 'wait': {
      const { failure, seconds } = event
      return become({ step: 'waiting', ticket: ticketAfter(accepted, failure), failure, seconds })
    }
    case 'arrive':
      return become({ step: 'arrived', uploadId: event.uploadId })
  }
}

/** What is left of a choice that is rejected or cancelled. */
const remainder = (choosing: Choosing | null) => (choosing && 'before' in choosing ? choosing.before : choosing)

export type Busy = Extract<Accepted, { step: 'starting' | 'sending' | 'waiting' }>

/** Whether the upload is running, so that leaving the site would stop it. */
export function isBusy(accepted: Accepted | null): accepted is Busy {
  return accepted !== null && accepted.step !== 'stopped' && accepted.step !== 'arrived'
}

/** Whether this page has a file that is not stored yet. */
export function hasUnsentFile({ accepted, choosing }: UploadState): boolean {
  return choosing !== null || (accepted !== null && accepted.step !== 'arrived')
}

/** Whether the upload stopped without a response. It resumes when the browser says that there is a network again. */
export function waitsForNetwork(accepted: Accepted | null): boolean {
  if (accepted?.step !== 'stopped') return false
  const { stop } = accepted
  return (
    (stop.by === 'host' && stop.failure.code === 'unreachable') ||
    (stop.by === 'store' && stop.failure.kind === 'unreachable')
  )
}

/** Whether the upload stopped, and only the person can continue it. */
export function needsPerson(accepted: Accepted): boolean {
  return accepted.step === 'stopped' && !(accepted.isOffline && waitsForNetwork(accepted))
}

function stop(state: UploadState, accepted: Busy, stop: Stop, isOffline: boolean): UploadState {
  const { file } = accepted
  const failure = stop.by === 'store' ? stop.failure : null
  // A retry cannot read the file either.
  if (failure?.kind === 'file_changed') {
    return { ...state, accepted: null, problem: { code: 'file_changed', name: file.name } }
  }
  const ticket = accepted.step === 'starting' ? null : ticketAfter(accepted, failure)
  return { ...state, accepted: { file, step: 'stopped', ticket, stop, isOffline } }
}

/** Drops a ticket that expired or that the store rejected. Keeps it if the store was unreachable or busy. */
function ticketAfter({ ticket }: { ticket: UploadTicket | null }, failure: SendFailure | null): UploadTicket | null {
  const isRejected = failure?.kind === 'expired' || (failure?.kind === 'refused' && (failure.status ?? 0) < 500)
  return isRejected ? null : ticket
}
