'use client'

import { useEffect, useEffectEvent } from 'react'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'

/**
 * Looks for faces once the picture shows and the browser is idle.
 * @param picture a file of this browser, or the URL of the upload
 * @param size the size at which the picture is shown; null while there is nothing to look for
 * @param onFound gets the crop around the faces. It is not called if there are none, or none can be found
 */
export function useFaces(
  picture: Blob | string,
  size: Size | null,
  collection: Collection,
  onFound: (recipe: Recipe) => void,
) {
  const { aspect } = collection
  const sharpWidth = collection.variants[0]?.width ?? 0
  const report = useEffectEvent(onFound)

  useEffect(() => {
    if (!size) return
    const abort = new AbortController()
    const cancel = whenIdle(async () => {
      // A browser that cannot load this code has no faces either.
      const code = await import('@/lib/browser/face/find-opening-crop').catch(() => null)
      const recipe = await code?.findOpeningCrop(picture, { shown: size, aspect, sharpWidth }, abort.signal)
      if (recipe && !abort.signal.aborted) report(recipe)
    })
    return () => {
      cancel()
      abort.abort()
    }
  }, [picture, size, aspect, sharpWidth])
}

/** Runs `work` when the browser has nothing else to do. Safari does not report it. @returns a function that cancels it */
function whenIdle(work: () => void): () => void {
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(work, 200)
    return () => clearTimeout(timer)
  }
  const handle = window.requestIdleCallback(work, { timeout: 2_000 })
  return () => window.cancelIdleCallback(handle)
}
