import type { SendFailure } from '@/lib/browser/send-file'

/** Automatic retries before the person has to press "Try again". */
const maxRetries = 4

/**
 * Returns the seconds to wait before the next automatic retry, or null to stop retrying.
 * Exponential backoff from 0.5 s with up to 50% jitter. An expired upload link is renewed without a wait.
 * @param tries how often the file has been sent
 */
export function retryWait(failure: SendFailure, tries: number): number | null {
  if (tries > maxRetries || !isTransient(failure)) return null
  if (failure.kind === 'expired') return 0
  return 0.5 * 2 ** (tries - 1) * (1 + Math.random() / 2)
}

/** Whether a retry can help: S3's retryable errors (AWS S3 API reference, "Error responses") or no response. */
function isTransient({ kind, status, storeCode }: SendFailure): boolean {
  if (kind === 'unreachable' || kind === 'expired') return true
  return kind === 'refused' && ((status !== undefined && status >= 500) || storeCode === 'RequestTimeout')
}
