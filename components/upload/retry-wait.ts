import type { SendFailure } from '@/lib/browser/send-file'

/** How often an upload is sent again before the person is asked. */
const maxRetries = 4

/**
 * Seconds to wait before the file is sent again, or null where that would not help or has not helped often enough: then
 * the person is asked. Half a second, and twice as long each time; up to half as long again, so that not all who lost
 * the same store come back at once. An upload link that has expired is renewed without a wait.
 * @param tries how often the file has been sent
 */
export function retryWait(failure: SendFailure, tries: number): number | null {
  if (tries > maxRetries || !isPassing(failure)) return null
  if (failure.kind === 'expired') return 0
  return 0.5 * 2 ** (tries - 1) * (1 + Math.random() / 2)
}

/** Answers by which S3 asks to come again (AWS S3 API reference, "Error responses"), and no answer at all. */
function isPassing({ kind, status, storeCode }: SendFailure): boolean {
  if (kind === 'unreachable' || kind === 'expired') return true
  return kind === 'refused' && ((status !== undefined && status >= 500) || storeCode === 'RequestTimeout')
}
