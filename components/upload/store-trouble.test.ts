import { expect, test } from 'vitest'
import { retryReason, storeTrouble } from './store-trouble'

const refused = { ok: false, kind: 'refused' } as const

test('U27: each store error has its own sentence and keeps the code for support', () => {
  expect(storeTrouble({ ...refused, storeCode: 'EntityTooLarge', status: 400 })).toEqual({
    code: 'too_large',
    sentence: 'EntityTooLarge',
    storeCode: 'EntityTooLarge 400',
  })
  expect(storeTrouble({ ok: false, kind: 'expired', storeCode: 'AccessDenied', status: 403 }).sentence).toBe('expired')
  expect(storeTrouble({ ...refused, storeCode: 'AccessDenied', status: 403 }).sentence).toBe('AccessDenied')
})

test('SlowDown and status 503 both mean busy', () => {
  expect(storeTrouble({ ...refused, storeCode: 'SlowDown', status: 503 }).code).toBe('busy')
  expect(storeTrouble({ ...refused, status: 503 }).code).toBe('busy')
})

test('U4: a retry reports a lost connection only if there was no response', () => {
  expect(retryReason({ ok: false, kind: 'unreachable' })).toBe('lost')
  expect(retryReason({ ...refused, status: 503 })).toBe('busy')
  expect(retryReason({ ...refused, storeCode: 'InternalError', status: 500 })).toBe('other')
  expect(retryReason({ ok: false, kind: 'expired', status: 403 })).toBe('expired')
})

test('an unknown store error has a general sentence and keeps its code', () => {
  const trouble = storeTrouble({ ...refused, storeCode: 'Teapot', status: 418 })
  expect(trouble).toEqual({ code: 'internal', sentence: 'other', storeCode: 'Teapot 418' })
  expect(storeTrouble({ ok: false, kind: 'unreachable' }).storeCode).toBeNull()
})
