import type { ShownCode } from '@/lib/browser/attempt'
import type { SendFailure } from '@/lib/browser/send-file'

/** A failed upload to the store, as the page shows it. */
interface StoreTrouble {
  /** The closest code of the error table. */
  code: ShownCode
  /** Key in `upload.store` of messages/. */
  sentence:
    | 'expired'
    | 'unreachable'
    | 'EntityTooLarge'
    | 'EntityTooSmall'
    | 'AccessDenied'
    | 'SignatureDoesNotMatch'
    | 'SlowDown'
    | 'other'
  /** The store's error code and HTTP status, for support; null without a response. */
  storeCode: string | null
}

/** Explains a failed upload by S3's error code (AWS S3 API reference, "Error responses"). */
export function storeTrouble(failure: SendFailure): StoreTrouble {
  return { ...explain(failure), storeCode: [failure.storeCode, failure.status].filter(Boolean).join(' ') || null }
}

/** Why an upload waits for a retry: a key of the choice in `upload.transfer.waiting` of messages/. */
export function retryReason(failure: SendFailure): 'expired' | 'busy' | 'lost' | 'other' {
  const { sentence } = explain(failure)
  if (sentence === 'expired') return 'expired'
  if (sentence === 'unreachable') return 'lost'
  return sentence === 'SlowDown' ? 'busy' : 'other'
}

function explain({ kind, storeCode, status }: SendFailure): Pick<StoreTrouble, 'code' | 'sentence'> {
  if (kind === 'expired') return { code: 'not_uploaded', sentence: 'expired' }
  if (kind === 'unreachable') return { code: 'unreachable', sentence: 'unreachable' }
  switch (storeCode) {
    case 'EntityTooLarge':
      return { code: 'too_large', sentence: storeCode }
    case 'EntityTooSmall':
      return { code: 'unreadable_image', sentence: storeCode }
    case 'AccessDenied':
    case 'SignatureDoesNotMatch':
      return { code: 'not_uploaded', sentence: storeCode }
  }
  return storeCode === 'SlowDown' || status === 503
    ? { code: 'busy', sentence: 'SlowDown' }
    : { code: 'internal', sentence: 'other' }
}
