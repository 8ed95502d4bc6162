import { useEffect, useEffectEvent } from 'react'

/** Presigned URLs are valid for at least 15 minutes (`lib/s3/presign.ts`). */
const renewAfterMs = 10 * 60 * 1000
const checkEveryMs = 30 * 1000

/**
 * Renews presigned URLs before they expire, while the page is visible and when it becomes visible again.
 * Retries a failed renewal after 30 seconds.
 * @param isRestored the URLs come from an earlier visit, so they are renewed at once
 * @param renew returns whether it succeeded
 */
export function useUrlRenewal(isRestored: boolean, renew: () => Promise<boolean>): void {
  const renewNow = useEffectEvent(renew)
  useEffect(() => {
    let renewedAt = isRestored ? Number.NEGATIVE_INFINITY : Date.now()
    let isRunning = false
    const renewIfDue = async () => {
      const isDue = document.visibilityState === 'visible' && Date.now() - renewedAt > renewAfterMs
      if (isRunning || !isDue) return
      isRunning = true
      if (await renewNow()) renewedAt = Date.now()
      isRunning = false
    }
    renewIfDue()
    const timer = setInterval(renewIfDue, checkEveryMs)
    document.addEventListener('visibilitychange', renewIfDue)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', renewIfDue)
    }
  }, [isRestored])
}
