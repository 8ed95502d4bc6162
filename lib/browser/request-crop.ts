import type { CropAnswer, CropRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { readResponse } from './read-response'
import { sleep } from './sleep'

/** How long a server that has not begun is asked again, in seconds from the first try: busy, or not up yet. */
const patienceSeconds = 120
/**
 * How often one that broke off in the middle is asked again. The same crop has the same id on every host, so that this
 * does no harm; but it may be this very crop that broke it.
 */
const maxRetriesAfterBreak = 4
const longestWaitSeconds = 30

interface CropOptions {
  signal: AbortSignal
  /** Told before each wait for a busy or restarting server: how many seconds. */
  onWait: (seconds: number) => void
}

/**
 * Has the crop drawn by whichever host answers. A busy host is waited for and asked again for two minutes, one that went
 * away in the middle a few times. Throws a TypeError where the network fails, and AbortError when cancelled.
 */
export async function requestCrop(request: CropRequest, { signal, onWait }: CropOptions): Promise<Result<CropAnswer>> {
  const beganAt = performance.now()
  let breaks = 0
  for (let retries = 0; ; retries++) {
    const response = await fetch('/api/crop', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      credentials: 'same-origin',
      signal,
    })
    const isBroken = response.status === 502 || response.status === 504
    if (isBroken) breaks += 1
    const seconds = waitSeconds(response, retries)
    const isTooLate = (performance.now() - beganAt) / 1000 + seconds > patienceSeconds
    const isPassing = response.status === 503 || (isBroken && breaks <= maxRetriesAfterBreak)
    if (!isPassing || isTooLate) return readResponse(response)
    onWait(Math.ceil(seconds))
    signal.throwIfAborted()
    await sleep(seconds, signal)
  }
}

/** As long as the server asks, else longer each time; with jitter, so that not all come back at once. */
function waitSeconds(response: Response, retries: number): number {
  const asked = Number(response.headers.get('retry-after')) || 0.5 * 2 ** retries
  return Math.min(asked, longestWaitSeconds) * (1 + Math.random() / 2)
}
