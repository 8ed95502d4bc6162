import { useEffect, useEffectEvent } from 'react'

/** Presigned addresses are good for 15 minutes at least (`lib/s3/presign.ts`). */
const oldMs = 10 * 60 * 1000
const lookMs = 30 * 1000

/**
 * Renews the addresses of pictures before they end: while the page is looked at, and when it is looked at again.
 * What fails is tried again half a minute later.
 * @param areOld they were kept from an earlier visit
 * @param renew says whether it worked
 */
export function useUrlRenewal(areOld: boolean, renew: () => Promise<boolean>): void {
  const renewNow = useEffectEvent(renew)
  useEffect(() => {
    let renewedAt = areOld ? Number.NEGATIVE_INFINITY : Date.now()
    let isRunning = false
    const look = async () => {
      const isDue = document.visibilityState === 'visible' && Date.now() - renewedAt > oldMs
      if (isRunning || !isDue) return
      isRunning = true
      if (await renewNow()) renewedAt = Date.now()
      isRunning = false
    }
    look()
    const timer = setInterval(look, lookMs)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [areOld])
}
