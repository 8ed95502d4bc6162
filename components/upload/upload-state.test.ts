import { expect, test } from 'vitest'
import type { SendFailure } from '@/lib/browser/send-file'
import type { UploadTicket } from '@/lib/images/schema'
import {
  type Accepted,
  emptyUpload,
  hasUnsentFile,
  isBusy,
  needsPerson,
  reduceUpload,
  type UploadEvent,
  type UploadState,
  waitsForNetwork,
} from './upload-state'

const file = new File(['x'], 'me.jpg', { type: 'image/jpeg' })
const heic = new File(['heic'], 'me.heic', { type: 'image/heic' })
const ticket: UploadTicket = {
  uploadId: `a${'0'.repeat(26)}`,
  method: 'POST',
  url: 'https://store.example',
  expiresAt: '2026-11-22T12:00:00Z',
  maxBytes: 10,
}
const arrive: UploadEvent = { type: 'arrive', uploadId: ticket.uploadId }
const after = (...events: UploadEvent[]) => events.reduce<UploadState>(reduceUpload, emptyUpload)
const photo = (...events: UploadEvent[]) => after(...events).accepted
const oversized: UploadEvent = {
  type: 'find oversized',
  file,
  reason: { code: 'too_large', name: 'me.jpg', bytes: 20 },
}

const sending: UploadEvent[] = [{ type: 'check' }, { type: 'start', file }, { type: 'send', ticket, tries: 1 }]
const storeFails = (kind: SendFailure['kind']): UploadEvent => ({
  type: 'stop',
  stop: { by: 'store', failure: { ok: false, kind } },
})

test('a file goes from check to send to arrived', () => {
  expect(after({ type: 'check' })).toEqual({ ...emptyUpload, choosing: { step: 'checking', before: null } })
  expect(photo(...sending, { type: 'progress', fraction: 0.4 })).toMatchObject({ step: 'sending', fraction: 0.4 })
  expect(after(...sending, arrive)).toEqual({
    ...emptyUpload,
    accepted: { step: 'arrived', file, uploadId: ticket.uploadId },
  })
})

test('U7: only a running upload is busy', () => {
  expect(isBusy(photo(...sending))).toBe(true)
  expect(isBusy(photo(...sending, arrive))).toBe(false)
  expect(isBusy(photo(...sending, { type: 'stop', stop: { by: 'person' } }))).toBe(false)
  expect(isBusy(null)).toBe(false)
})

test('a cancelled upload and a lost connection keep the file and the ticket', () => {
  for (const event of [storeFails('unreachable'), { type: 'stop', stop: { by: 'person' } } as const]) {
    expect(photo(...sending, event)).toMatchObject({ step: 'stopped', file, ticket })
  }
})

test('drops a ticket that the store rejected', () => {
  for (const kind of ['refused', 'expired'] as const) {
    expect(photo(...sending, storeFails(kind))).toMatchObject({ step: 'stopped', file, ticket: null })
  }
})

test('a failed upload waits as busy and retries with its valid ticket', () => {
  const lost = { ok: false, kind: 'unreachable' } as const
  const waiting = after(...sending, { type: 'progress', fraction: 0.5 }, { type: 'wait', failure: lost, seconds: 2 })
  expect(waiting.accepted).toEqual({ step: 'waiting', file, ticket, failure: lost, seconds: 2 })
  expect(isBusy(waiting.accepted)).toBe(true)
  expect(reduceUpload(waiting, { type: 'send', ticket, tries: 2 }).accepted).toMatchObject({ tries: 2, fraction: 0 })
  const cancelled = reduceUpload(waiting, { type: 'stop', stop: { by: 'person' } })
  expect(cancelled.accepted).toMatchObject({ step: 'stopped', ticket })
})

test('drops an expired ticket while waiting, but keeps it if the store was busy', () => {
  const wait = (failure: SendFailure) => after(...sending, { type: 'wait', failure, seconds: 1 })
  expect(wait({ ok: false, kind: 'expired', status: 403 }).accepted).toMatchObject({ ticket: null })
  expect(wait({ ok: false, kind: 'refused', status: 503 }).accepted).toMatchObject({ ticket })
  const expired = wait({ ok: false, kind: 'expired' })
  expect(reduceUpload(expired, { type: 'renew' }).accepted).toEqual({ step: 'starting', file })
})

test('asks for another choice if the file changed on the disk during the upload', () => {
  const problem = { code: 'file_changed', name: 'me.jpg' }
  expect(after(...sending, storeFails('file_changed'))).toEqual({ ...emptyUpload, problem })
})

test('a file that may not replace the chosen one changes nothing', () => {
  for (const before of [after(oversized), after(...sending)]) {
    expect(reduceUpload(reduceUpload(before, { type: 'check' }), { type: 'keep' })).toEqual(before)
  }
})

test('rejected files leave the chosen file untouched', () => {
  const problem = { code: 'several_files', count: 3 } as const
  for (const before of [after(oversized), after(...sending, storeFails('unreachable'))]) {
    expect(reduceUpload(before, { type: 'reject', problem })).toEqual({ ...before, problem })
    const checking = reduceUpload(before, { type: 'check' })
    expect(reduceUpload(checking, { type: 'reject', problem })).toEqual({ ...before, problem })
  }
})

test('forgets a rejected file, and keeps the chosen one', () => {
  const problem = { code: 'several_files', count: 3 } as const
  const stopped = after(...sending, storeFails('unreachable'))
  const rejected = reduceUpload(stopped, { type: 'reject', problem })
  expect(reduceUpload(rejected, { type: 'forget problem' })).toEqual(stopped)
  expect(after({ type: 'reject', problem }, { type: 'forget problem' })).toEqual(emptyUpload)
})

test('a photo over a limit waits for the person, is shrunk, and starts', () => {
  const offered = after({ type: 'check' }, oversized)
  expect(offered.choosing).toMatchObject({ step: 'oversized', file })
  const shrinking = reduceUpload(offered, { type: 'shrink', file })
  expect(shrinking.choosing).toEqual({ step: 'shrinking', file, before: offered.choosing })
  expect(reduceUpload(shrinking, { type: 'start', file })).toEqual(after({ type: 'start', file }))
  const problem = { code: 'not_shrunk', name: 'me.jpg' } as const
  expect(reduceUpload(shrinking, { type: 'reject', problem })).toEqual({ ...offered, problem })
})

test('only an upload without a response resumes when the network is back', () => {
  const hostFails = (code: 'unreachable' | 'quota'): UploadEvent => ({
    type: 'stop',
    stop: { by: 'host', failure: { ok: false, code } },
  })
  expect(waitsForNetwork(photo(...sending, storeFails('unreachable')))).toBe(true)
  expect(waitsForNetwork(photo({ type: 'check' }, { type: 'start', file }, hostFails('unreachable')))).toBe(true)
  expect(waitsForNetwork(photo({ type: 'check' }, { type: 'start', file }, hostFails('quota')))).toBe(false)
  expect(waitsForNetwork(photo(...sending, storeFails('refused')))).toBe(false)
  expect(waitsForNetwork(photo(...sending, { type: 'stop', stop: { by: 'person' } }))).toBe(false)
  expect(waitsForNetwork(null)).toBe(false)
})

test('U34: a stopped upload needs the person, unless only the network is missing', () => {
  const stopped = (stop: UploadEvent) => photo(...sending, stop) as Accepted
  const offline = { isOffline: true }
  expect(needsPerson(stopped({ ...storeFails('unreachable'), ...offline } as UploadEvent))).toBe(false)
  expect(needsPerson(stopped(storeFails('unreachable')))).toBe(true)
  expect(needsPerson(stopped({ ...storeFails('refused'), ...offline } as UploadEvent))).toBe(true)
  expect(needsPerson(stopped({ type: 'stop', stop: { by: 'person' }, ...offline }))).toBe(true)
  expect(needsPerson(photo(...sending) as Accepted)).toBe(false)
})

test('late events change nothing', () => {
  const stopped = after(...sending, { type: 'stop', stop: { by: 'person' } })
  for (const event of [{ type: 'progress', fraction: 1 } as const, arrive, storeFails('refused')]) {
    expect(reduceUpload(stopped, event)).toBe(stopped)
    expect(reduceUpload(emptyUpload, event)).toBe(emptyUpload)
  }
})

test('U81: a photo in the editor stays while the next one is converted or made smaller, and if that ends', () => {
  const problem = { code: 'heic', name: 'me.heic' } as const
  for (const before of [emptyUpload, after(...sending), after(...sending, arrive)]) {
    for (const type of ['convert', 'shrink'] as const) {
      const working = reduceUpload(reduceUpload(before, { type: 'check' }), { type, file: heic })
      expect(working).toMatchObject({ accepted: before.accepted, choosing: { file: heic } })
      expect(hasUnsentFile(working)).toBe(true)
      expect(reduceUpload(working, { type: 'keep' })).toEqual(before)
      expect(reduceUpload(working, { type: 'reject', problem })).toEqual({ ...before, problem })
      expect(reduceUpload(working, { type: 'start', file })).toEqual(after({ type: 'start', file }))
    }
  }
})
