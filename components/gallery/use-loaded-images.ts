import { useRouter } from 'next/navigation'
import { useLayoutEffect, useRef, useState } from 'react'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage } from '@/lib/images/schema'
import { followFirst } from './loaded-images'
import { readScrollPosition, saveScrollPosition } from './scroll-position'

/**
 * The pictures loaded so far, beginning with the server's first page and following it when it is read again.
 * Going Back to the gallery restores the further pages and the scroll position.
 */
export function useLoadedImages({ name }: Collection, first: GalleryPage) {
  // Going from one collection to another keeps Next's id: only the parameter differs.
  const historyEntry = `${useRouter().bfcacheId} ${name}`
  const [kept] = useState(() => readScrollPosition(historyEntry))
  const [loaded, setLoaded] = useState(() => (kept ? followFirst(kept.loaded, first) : first))

  const [followed, setFollowed] = useState(first)
  if (followed !== first) {
    setFollowed(first)
    setLoaded(followFirst(loaded, first))
  }

  const latest = useRef(loaded)
  useLayoutEffect(() => {
    latest.current = loaded
  }, [loaded])

  useLayoutEffect(() => {
    if (kept) window.scrollTo(0, kept.scrollY)
    return () => saveScrollPosition(historyEntry, latest.current)
  }, [kept, historyEntry])

  return { loaded, setLoaded, areKept: kept !== null }
}
