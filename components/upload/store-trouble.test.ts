import { expect, test } from 'vitest'
import { storeTrouble } from './store-trouble'

const refused = { ok: false, kind: 'refused' } as const

test('each refusal of a store that a person can meet has a sentence of its own, and keeps the code for support', () => {
  expect(storeTrouble({ ...refused, storeCode: 'EntityTooLarge', status: 400 })).toEqual({
    code: 'too_large',
    sentence: 'EntityTooLarge',
    storeCode: 'EntityTooLarge 400',
  })
  expect(storeTrouble({ ok: false, kind: 'expired', storeCode: 'AccessDenied', status: 403 }).sentence).toBe('expired')
  expect(storeTrouble({ ...refused, storeCode: 'AccessDenied', status: 403 }).sentence).toBe('AccessDenied')
})

test('a busy store is busy by its code or by its status', () => {
  expect(storeTrouble({ ...refused, storeCode: 'SlowDown', status: 503 }).code).toBe('busy')
  expect(storeTrouble({ ...refused, status: 503 }).code).toBe('busy')
})

test('what nobody foresaw is told as such, with the code', () => {
  const trouble = storeTrouble({ ...refused, storeCode: 'Teapot', status: 418 })
  expect(trouble).toEqual({ code: 'internal', sentence: 'other', storeCode: 'Teapot 418' })
  expect(storeTrouble({ ok: false, kind: 'unreachable' }).storeCode).toBeNull()
})
