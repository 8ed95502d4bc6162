import { useEffect, useEffectEvent } from 'react'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { type LoadedImages, withChanges } from './loaded-images'

/** Presigned URLs are valid for at least 15 minutes (`lib/s3/presign.ts`). */
const renewAfterMs = 10 * 60 * 1000
const checkEveryMs = 30 * 1000

/**
 * Renews presigned URLs before they expire, while the page is visible and when it becomes visible again.
 * Retries a failed renewal after 30 seconds.
 * @param images as shown: the one in use first
 * @param isRestored the URLs come from an earlier visit, so they are renewed at once
 */
export function useUrlRenewal(
  { name: collection }: Collection,
  images: readonly SavedImage[],
  setLoaded: (change: (now: LoadedImages) => LoadedImages) => void,
  isRestored: boolean,
): void {
  const take = (renewed: readonly SavedImage[]) => {
    const urls = renewed.map(({ imageId, original, variants }) => ({ imageId, original, variants }))
    setLoaded((now) => withChanges(now, urls))
  }

  /** @returns whether all URLs are new */
  const renew = useEffectEvent(async () => {
    let cursor: string | null = null
    let read = 0
    do {
      const result = await attemptWithRetries(() => api.listImages({ collection, cursor }))
      if (!result.ok) return false
      take(result.value.images)
      read += result.value.images.length
      cursor = result.value.nextCursor
    } while (cursor && read < images.length)
    const [current] = images
    if (!cursor || !current?.current || current.imageId < cursor) return true
    // The photo in use is older than the pages.
    const older = await attemptWithRetries(() => api.readImage(current))
    if (older.ok) take([older.value])
    return older.ok
  })

  useEffect(() => {
    let renewedAt = isRestored ? Number.NEGATIVE_INFINITY : Date.now()
    let isRunning = false
    const renewIfDue = async () => {
      const isDue = document.visibilityState === 'visible' && Date.now() - renewedAt > renewAfterMs
      if (isRunning || !isDue) return
      isRunning = true
      if (await renew()) renewedAt = Date.now()
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
