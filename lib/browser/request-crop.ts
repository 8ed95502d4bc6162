import type { CropAnswer, CropRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { sleep } from './attempt'
import { readResponse, requestInit } from './read-response'

/** How long to retry while no host starts the crop, in seconds from the first try: hosts are busy or not up yet. */
const retrySeconds = 120
/** Retries after a lost connection. They write the same files, so they are safe, but the crop may crash hosts. */
const maxRetriesAfterLoss = 4
const longestWaitSeconds = 30

export interface CropOptions {
  signal: AbortSignal
  /** Called before each wait with its length in seconds. */
  onWait: (seconds: number) => void
}

/**
 * Requests a crop from any host. Retries for two minutes while hosts are busy, and four times after a lost connection.
 * @throws TypeError if the network fails; AbortError if the signal is aborted
 */
export async function requestCrop(request: CropRequest, { signal, onWait }: CropOptions): Promise<Result<CropAnswer>> {
  const startedAt = performance.now()
  let losses = 0
  for (let retries = 0; ; retries++) {
    const response = await fetch('/api/crop', {
      ...requestInit,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal,
    })
    const isLost = response.status === 502 || response.status === 504
    if (isLost) losses += 1
    const seconds = waitSeconds(response, retries)
    const isTooLate = (performance.now() - startedAt) / 1000 + seconds > retrySeconds
    const isTransient = response.status === 503 || (isLost && losses <= maxRetriesAfterLoss)
    if (!isTransient || isTooLate) return readResponse(response)
    onWait(Math.ceil(seconds))
    signal.throwIfAborted()
    await sleep(seconds, signal)
  }
}

/** Returns the server's Retry-After, or an exponential backoff, plus up to 50 % jitter. */
function waitSeconds(response: Response, retries: number): number {
  const seconds = Number(response.headers.get('retry-after')) || 0.5 * 2 ** retries
  return Math.min(seconds, longestWaitSeconds) * (1 + Math.random() / 2)
}
