import { expect, test } from 'vitest'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import {
  emptyUpload,
  hasUnsentFile,
  isAccepted,
  isBusy,
  reduceUpload,
  type UploadEvent,
  type UploadState,
  waitsForNetwork,
} from './upload-state'

const file = new File(['x'], 'me.jpg', { type: 'image/jpeg' })
const ticket: UploadTicket = {
  uploadId: `a${'0'.repeat(26)}`,
  method: 'POST',
  url: 'https://store.example',
  expiresAt: '2026-11-22T12:00:00Z',
  maxBytes: 10,
}
const arrive: UploadEvent = { type: 'arrive', uploadId: ticket.uploadId }
const after = (...events: UploadEvent[]) => events.reduce<UploadState>(reduceUpload, emptyUpload)

const sending: UploadEvent[] = [{ type: 'check' }, { type: 'start', file }, { type: 'send', ticket, tries: 1 }]
const storeFails = (kind: SendFailure['kind']): UploadEvent => ({
  type: 'stop',
  stop: { by: 'store', failure: { ok: false, kind } },
})

test('a file goes from check to send to arrived', () => {
  expect(after({ type: 'check' }).step).toBe('checking')
  expect(after(...sending, { type: 'progress', fraction: 0.4 })).toMatchObject({ step: 'sending', fraction: 0.4 })
  expect(after(...sending, arrive)).toEqual({ step: 'arrived', file, uploadId: ticket.uploadId, problem: null })
})

test('U7: only a running upload is busy', () => {
  expect(isBusy(after(...sending))).toBe(true)
  expect(isBusy(after(...sending, arrive))).toBe(false)
  expect(isBusy(after(...sending, { type: 'stop', stop: { by: 'person' } }))).toBe(false)
})

test('a cancelled upload and a lost connection keep the file and the ticket', () => {
  for (const event of [storeFails('unreachable'), { type: 'stop', stop: { by: 'person' } } as const]) {
    expect(after(...sending, event)).toMatchObject({ step: 'stopped', file, ticket })
  }
})

test('drops a ticket that the store rejected', () => {
  for (const kind of ['refused', 'expired'] as const) {
    expect(after(...sending, storeFails(kind))).toMatchObject({ step: 'stopped', file, ticket: null })
  }
})

test('a failed upload waits as busy and retries with its valid ticket', () => {
  const lost = { ok: false, kind: 'unreachable' } as const
  const waiting = after(...sending, { type: 'progress', fraction: 0.5 }, { type: 'wait', failure: lost, seconds: 2 })
  expect(waiting).toEqual({ step: 'waiting', file, ticket, failure: lost, seconds: 2, problem: null })
  expect(isBusy(waiting)).toBe(true)
  expect(reduceUpload(waiting, { type: 'send', ticket, tries: 2 })).toMatchObject({ tries: 2, fraction: 0 })
  const cancelled = reduceUpload(waiting, { type: 'stop', stop: { by: 'person' } })
  expect(cancelled).toMatchObject({ step: 'stopped', ticket })
})

test('drops an expired ticket while waiting, but keeps it if the store was busy', () => {
  const wait = (failure: SendFailure) => after(...sending, { type: 'wait', failure, seconds: 1 })
  expect(wait({ ok: false, kind: 'expired', status: 403 })).toMatchObject({ ticket: null })
  expect(wait({ ok: false, kind: 'refused', status: 503 })).toMatchObject({ ticket })
  const expired = wait({ ok: false, kind: 'expired' })
  expect(reduceUpload(expired, { type: 'renew' })).toMatchObject({ step: 'starting', file })
})

test('asks for another choice if the file changed on the disk during the upload', () => {
  const problem = { code: 'file_changed', name: 'me.jpg' }
  expect(after(...sending, storeFails('file_changed'))).toEqual({ step: 'empty', problem })
})

test('a file that may not replace the chosen one changes nothing', () => {
  const offered = after({ type: 'find oversized', file, reason: { code: 'too_large', name: 'me.jpg', bytes: 20 } })
  expect(reduceUpload(reduceUpload(offered, { type: 'check' }), { type: 'keep' })).toEqual(offered)
  const uploading = after(...sending)
  expect(reduceUpload(reduceUpload(uploading, { type: 'check' }), { type: 'keep' })).toEqual(uploading)
})

test('rejected files leave the chosen file untouched', () => {
  const stopped = after(...sending, storeFails('unreachable'))
  const problem = { code: 'several_files', count: 3 } as const
  expect(reduceUpload(stopped, { type: 'reject', problem })).toEqual({ ...stopped, problem })
  const checking = reduceUpload(stopped, { type: 'check' })
  expect(reduceUpload(checking, { type: 'reject', problem })).toEqual({ ...stopped, problem })
})

test('forgets a rejected file, and keeps the chosen one', () => {
  const problem = { code: 'several_files', count: 3 } as const
  const stopped = after(...sending, storeFails('unreachable'))
  const rejected = reduceUpload(stopped, { type: 'reject', problem })
  expect(reduceUpload(rejected, { type: 'forget problem' })).toEqual(stopped)
  expect(after({ type: 'reject', problem }, { type: 'forget problem' })).toEqual(emptyUpload)
})

test('a photo over a limit waits for the person, is shrunk, and starts', () => {
  const reason = { code: 'too_large', name: 'me.jpg', bytes: 20 } as const
  const offered = after({ type: 'check' }, { type: 'find oversized', file, reason })
  expect(offered).toMatchObject({ step: 'oversized', reason })
  const shrinking = reduceUpload(offered, { type: 'shrink' })
  expect(shrinking.step).toBe('shrinking')
  expect(reduceUpload(shrinking, { type: 'start', file }).step).toBe('starting')
  const problem = { code: 'not_shrunk', name: 'me.jpg' } as const
  expect(reduceUpload(shrinking, { type: 'reject', problem })).toMatchObject({ step: 'oversized', file, problem })
})

test('only an upload without a response resumes when the network is back', () => {
  const hostFails = (code: 'unreachable' | 'quota'): UploadEvent => ({
    type: 'stop',
    stop: { by: 'host', failure: { ok: false, code } },
  })
  expect(waitsForNetwork(after(...sending, storeFails('unreachable')))).toBe(true)
  expect(waitsForNetwork(after({ type: 'check' }, { type: 'start', file }, hostFails('unreachable')))).toBe(true)
  expect(waitsForNetwork(after({ type: 'check' }, { type: 'start', file }, hostFails('quota')))).toBe(false)
  expect(waitsForNetwork(after(...sending, storeFails('refused')))).toBe(false)
  expect(waitsForNetwork(after(...sending, { type: 'stop', stop: { by: 'person' } }))).toBe(false)
  expect(waitsForNetwork(emptyUpload)).toBe(false)
})

test('late events change nothing', () => {
  const stopped = after(...sending, { type: 'stop', stop: { by: 'person' } })
  for (const event of [{ type: 'progress', fraction: 1 } as const, arrive, storeFails('refused')]) {
    expect(reduceUpload(stopped, event)).toBe(stopped)
  }
  expect(reduceUpload(after(...sending), { type: 'check' })).toEqual(after(...sending))
})

test('U81: a conversion uploads its JPEG, and returns to the step before when cancelled or rejected', () => {
  const heic = new File(['heic'], 'me.heic', { type: 'image/heic' })
  const converting = after({ type: 'check' }, { type: 'convert', file: heic })
  expect(converting).toEqual({ step: 'converting', file: heic, before: emptyUpload })
  expect(hasUnsentFile(converting)).toBe(true)
  expect(isBusy(converting)).toBe(false)
  expect(isAccepted(converting)).toBe(false)
  // It replaces the photo in the editor.
  expect(reduceUpload(after(...sending), { type: 'convert', file: heic })).toEqual(converting)
  expect(reduceUpload(converting, { type: 'stop', stop: { by: 'person' } })).toEqual(emptyUpload)
  const problem = { code: 'heic', name: 'me.heic' } as const
  expect(reduceUpload(converting, { type: 'reject', problem })).toEqual({ step: 'empty', problem })
  expect(reduceUpload(converting, { type: 'start', file })).toMatchObject({ step: 'starting', file })
})
