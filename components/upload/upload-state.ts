import type { Failure } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import type { Problem } from './check-file'

/** Why an upload stands still: stopped by the person, not let in by our host, or failed at the store. */
export type Stop = { by: 'person' } | { by: 'host'; failure: Failure } | { by: 'store'; failure: SendFailure }

/** Steps that wait for the person. `problem` is about files that were offered since, and not taken. */
export type Resting =
  | { step: 'empty'; problem: Problem | null }
  /** Too big as it is (`reason`), but the browser can make it smaller. */
  | { step: 'oversized'; file: File; reason: Problem; problem: Problem | null }
  /** The file is kept, and so is its ticket where it may still be good. */
  | { step: 'stopped'; file: File; ticket: UploadTicket | null; stop: Stop; problem: Problem | null }

export type UploadState =
  | Resting
  | { step: 'checking'; before: Resting }
  | { step: 'shrinking'; file: File; reason: Problem }
  | { step: 'starting'; file: File }
  /** `fraction` 0 to 1; at 1 the store's answer is still to come. `tries` counts this one. */
  | { step: 'sending'; file: File; ticket: UploadTicket; tries: number; fraction: number }
  /** It broke off, and is sent again in so many seconds. */
  | { step: 'waiting'; file: File; ticket: UploadTicket | null; seconds: number }
  | { step: 'arrived'; file: File }

export type UploadEvent =
  | { type: 'check' }
  | { type: 'refuse'; problem: Problem }
  | { type: 'find oversized'; file: File; reason: Problem }
  | { type: 'shrink' }
  | { type: 'start'; file: File }
  | { type: 'send'; file: File; ticket: UploadTicket; tries: number }
  | { type: 'progress'; fraction: number }
  | { type: 'wait'; failure: SendFailure; seconds: number }
  | { type: 'stop'; stop: Stop }
  | { type: 'arrive' }

export const emptyUpload: UploadState = { step: 'empty', problem: null }

/**
 * One upload's way from a chosen file to a stored one. An event that does not fit the step changes nothing,
 * so a late one does no harm.
 */
export function reduceUpload(state: UploadState, event: UploadEvent): UploadState {
  switch (event.type) {
    case 'check':
      return isResting(state) ? { step: 'checking', before: state } : state
    case 'refuse':
      return refuse(state, event.problem)
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
    case 'wait':
      return state.step === 'sending'
        ? { step: 'waiting', file: state.file, ticket: ticketAfter(state, event.failure), seconds: event.seconds }
        : state
    case 'stop':
      return stop(state, event.stop)
    case 'arrive':
      return state.step === 'sending' ? { step: 'arrived', file: state.file } : state
  }
}

/** Whether the upload is under way: leaving the page would break it off. */
export function isBusy(
  state: UploadState,
): state is Extract<UploadState, { step: 'starting' | 'sending' | 'waiting' }> {
  return state.step === 'starting' || state.step === 'sending' || state.step === 'waiting'
}

/** Whether there is a file that only this page has. */
export function hasUnsentFile(state: UploadState): boolean {
  return state.step === 'checking' || ('file' in state && state.step !== 'arrived')
}

/** Whether the step waits for the person, and takes another file. */
export function isResting(state: UploadState): state is Resting {
  return state.step === 'empty' || state.step === 'oversized' || state.step === 'stopped'
}

/** Whether the upload waits for the network, and may go on by itself when it is back. */
export function waitsForNetwork(state: UploadState): boolean {
  if (state.step !== 'stopped') return false
  const { stop } = state
  return (
    (stop.by === 'host' && stop.failure.code === 'unreachable') ||
    (stop.by === 'store' && stop.failure.kind === 'unreachable')
  )
}

/** Files that are not taken leave the one that is there untouched. */
function refuse(state: UploadState, problem: Problem): UploadState {
  if (state.step === 'checking') return { ...state.before, problem }
  if (state.step === 'shrinking') return { step: 'oversized', file: state.file, reason: state.reason, problem }
  return isResting(state) ? { ...state, problem } : state
}

function stop(state: UploadState, why: Stop): UploadState {
  if (!isBusy(state)) return state
  const ticket = state.step === 'starting' ? null : ticketAfter(state, why.by === 'store' ? why.failure : null)
  return { step: 'stopped', file: state.file, ticket, stop: why, problem: null }
}

/** What the store turned down once it would turn down again; what never reached it, or found it busy, is still good. */
function ticketAfter({ ticket }: { ticket: UploadTicket | null }, failure: SendFailure | null): UploadTicket | null {
  const isTurnedDown = failure?.kind === 'expired' || (failure?.kind === 'refused' && (failure.status ?? 0) < 500)
  return isTurnedDown ? null : ticket
}
