import { expect, test } from 'vitest'
import type { SendFailure } from '@/lib/browser/send-file'
import { retryWait } from './retry-wait'

const failed = (kind: SendFailure['kind'], more: Partial<SendFailure> = {}): SendFailure => ({
  ok: false,
  kind,
  ...more,
})

test('retries a transient failure after 0.5 s, doubling the wait each time', () => {
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

test('U5: renews an expired upload link at once', () => {
  expect(retryWait(failed('expired', { status: 403, storeCode: 'AccessDenied' }), 1)).toBe(0)
})

test('stops after four retries of any failure', () => {
  for (const kind of ['unreachable', 'expired'] as const) expect(retryWait(failed(kind), 5)).toBeNull()
})

test('does not retry a failure that would repeat', () => {
  expect(retryWait(failed('cancelled'), 1)).toBeNull()
  expect(retryWait(failed('file_changed'), 1)).toBeNull()
  for (const [status, storeCode] of [
    [400, 'EntityTooLarge'],
    [403, 'AccessDenied'],
    [403, 'SignatureDoesNotMatch'],
  ] as const) {
    expect(retryWait(failed('refused', { status, storeCode }), 1)).toBeNull()
  }
})
