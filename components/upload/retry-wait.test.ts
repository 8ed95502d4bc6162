import { expect, test } from 'vitest'
import type { SendFailure } from '@/lib/browser/send-file'
import { retryWait } from './retry-wait'

const failed = (kind: SendFailure['kind'], more: Partial<SendFailure> = {}): SendFailure => ({
  ok: false,
  kind,
  ...more,
})

test('what may pass is sent again after half a second, and after twice as long each time', () => {
  for (const failure of [
    failed('unreachable'),
    failed('refused', { status: 503, storeCode: 'SlowDown' }),
    failed('refused', { status: 500, storeCode: 'InternalError' }),
    failed('refused', { status: 400, storeCode: 'RequestTimeout' }),
  ]) {
    for (const [tries, seconds] of [0.5, 1, 2, 4].entries()) {
      const wait = retryWait(failure, tries + 1)
      expect(wait).toBeGreaterThanOrEqual(seconds)
      expect(wait).toBeLessThanOrEqual(seconds * 1.5)
    }
  }
})

test('an upload link that has expired is renewed at once', () => {
  expect(retryWait(failed('expired', { status: 403, storeCode: 'AccessDenied' }), 1)).toBe(0)
})

test('after four more tries the person is asked, whatever it is', () => {
  for (const kind of ['unreachable', 'expired'] as const) expect(retryWait(failed(kind), 5)).toBeNull()
})

test('what would be refused again is not sent again', () => {
  expect(retryWait(failed('cancelled'), 1)).toBeNull()
  for (const [status, storeCode] of [
    [400, 'EntityTooLarge'],
    [403, 'AccessDenied'],
    [403, 'SignatureDoesNotMatch'],
  ] as const) {
    expect(retryWait(failed('refused', { status, storeCode }), 1)).toBeNull()
  }
})
