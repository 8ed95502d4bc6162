import { useRouter } from 'next/navigation'
import { useLayoutEffect, useRef, useState } from 'react'
import type { Collection } from '@/lib/images/collections'
import { followFirst, type LoadedImages } from './loaded-images'
import { readScrollPosition, saveScrollPosition } from './scroll-position'

/**
 * Holds the images loaded so far. Starts with the server's first page and merges it again after each refresh.
 * Going Back to the gallery restores the further pages and the scroll position.
 */
export function useLoadedImages({ name }: Collection, first: LoadedImages) {
  // Next's id stays the same when only the `collection` parameter changes.
  const historyEntry = `${useRouter().bfcacheId} ${name}`
  const [restored] = useState(() => readScrollPosition(historyEntry))
  const [loaded, setLoaded] = useState(() => (restored ? followFirst(restored.loaded, first) : first))

  const [merged, setMerged] = useState(first)
  if (merged !== first) {
    setMerged(first)
    setLoaded(followFirst(loaded, first))
  }

  const latest = useRef(loaded)
  useLayoutEffect(() => {
    latest.current = loaded
  }, [loaded])

  useLayoutEffect(() => {
    if (restored) window.scrollTo(0, restored.scrollY)
    return () => saveScrollPosition(historyEntry, latest.current)
  }, [restored, historyEntry])

  return { loaded, setLoaded, isRestored: restored !== null }
}
