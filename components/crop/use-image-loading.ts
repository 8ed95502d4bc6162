'use client'

import { useState } from 'react'
import type { Size } from '@/lib/images/geometry'

/**
 * Tracks the loading of the uploaded image.
 * Each render of the page brings a new presigned URL. The URL that loaded the image stays in use.
 */
export function useImageLoading(url: string) {
  const [loaded, setLoaded] = useState<{ url: string; size: Size } | null>(null)
  const [retries, setRetries] = useState(0)
  const [failedAttempt, setFailedAttempt] = useState<string | null>(null)
  const attempt = `${retries} ${url}`

  return {
    url: loaded?.url ?? url,
    /** Natural size of the upright image, or null until it has loaded. */
    size: loaded?.size ?? null,
    failed: !loaded && failedAttempt === attempt,
    /** Key of the loading <img>: each attempt needs a new element. */
    attempt,
    setSize: (size: Size) => setLoaded({ url, size }),
    fail() {
      setLoaded(null)
      setFailedAttempt(attempt)
    },
    retry: () => setRetries(retries + 1),
  }
}
