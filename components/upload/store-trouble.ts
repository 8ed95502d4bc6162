import type { ShownCode } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'

/** A store's refusal in our own words. */
interface StoreTrouble {
  /** The nearest code of the error table. */
  code: ShownCode
  /** Key in `upload.store` of messages. */
  sentence:
    | 'expired'
    | 'unreachable'
    | 'EntityTooLarge'
    | 'EntityTooSmall'
    | 'AccessDenied'
    | 'SignatureDoesNotMatch'
    | 'SlowDown'
    | 'other'
  /** What the store itself said: its code and the HTTP status, for support. */
  storeCode: string | null
}

/** S3's error codes (AWS S3 API reference, "Error responses") that a person can meet in an upload. */
export function storeTrouble({ kind, storeCode, status }: SendFailure): StoreTrouble {
  const said = [storeCode, status].filter(Boolean).join(' ') || null
  if (kind === 'expired') return { code: 'not_uploaded', sentence: 'expired', storeCode: said }
  if (kind === 'unreachable') return { code: 'unreachable', sentence: 'unreachable', storeCode: said }
  switch (storeCode) {
    case 'EntityTooLarge':
      return { code: 'too_large', sentence: 'EntityTooLarge', storeCode: said }
    case 'EntityTooSmall':
      return { code: 'unreadable_image', sentence: 'EntityTooSmall', storeCode: said }
    case 'AccessDenied':
      return { code: 'not_uploaded', sentence: 'AccessDenied', storeCode: said }
    case 'SignatureDoesNotMatch':
      return { code: 'not_uploaded', sentence: 'SignatureDoesNotMatch', storeCode: said }
  }
  const busy = storeCode === 'SlowDown' || status === 503
  return busy
    ? { code: 'busy', sentence: 'SlowDown', storeCode: said }
    : { code: 'internal', sentence: 'other', storeCode: said }
}
