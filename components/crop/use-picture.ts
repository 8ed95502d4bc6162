'use client'

import { useState } from 'react'
import type { Size } from '@/lib/images/geometry'

/**
 * Follows the loading of the picture that is to be cut.
 * Presigned URLs change with every render of the page: the one that has shown the picture is kept.
 */
export function usePicture(url: string) {
  const [loaded, setLoaded] = useState<{ url: string; size: Size } | null>(null)
  const [tries, setTries] = useState(0)
  const [failedTry, setFailedTry] = useState<string | null>(null)
  const thisTry = `${tries} ${url}`

  return {
    url: loaded?.url ?? url,
    /** Natural size of the upright picture; null until it is there. */
    size: loaded?.size ?? null,
    failed: !loaded && failedTry === thisTry,
    /** Key of the loading <img>: another try is another element. */
    thisTry,
    take: (size: Size) => setLoaded({ url, size }),
    fail() {
      setLoaded(null)
      setFailedTry(thisTry)
    },
    tryAgain: () => setTries(tries + 1),
  }
}
