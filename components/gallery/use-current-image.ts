import { useEffect, useEffectEvent, useState } from 'react'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import type { SavedImage } from '@/lib/images/schema'

/**
 * Reads the image in use if it is older than the loaded pages.
 * @param missingId its id, or null if it is loaded
 * @returns whether it is on its way
 */
export function useCurrentImage(missingId: string | null, onRead: (image: SavedImage) => void): boolean {
  const [failedId, setFailedId] = useState<string | null>(null)
  const add = useEffectEvent(onRead)
  useEffect(() => {
    if (!missingId) return
    attemptWithRetries(() => api.readImage({ imageId: missingId })).then((result) => {
      if (result.ok) add(result.value)
      else setFailedId(missingId)
    })
  }, [missingId])
  return missingId !== null && missingId !== failedId
}
