'use client'

import { useEffect, useState } from 'react'
import type { Size } from '@/lib/images/geometry'

/**
 * Tracks the loading of the image to crop. Each render of the page brings a new presigned URL. The URL that loaded the
 * image stays in use, or that of its first frame if the image moves and the system prefers reduced motion.
 * @param file the image, if `url` is a file of this browser
 */
export function useImageLoading(url: string, file: Blob | null) {
  const [loaded, setLoaded] = useState<{ url: string; sourceUrl: string; isStill: boolean; size: Size } | null>(null)
  const [retries, setRetries] = useState(0)
  const [failedAttempt, setFailedAttempt] = useState<string | null>(null)
  const attempt = `${retries} ${url}`

  const shownUrl = loaded?.url ?? url
  const isStill = loaded?.isStill ?? false
  useEffect(() => (isStill ? () => URL.revokeObjectURL(shownUrl) : undefined), [isStill, shownUrl])

  return {
    url: shownUrl,
    /** The URL of the whole image, also if `url` shows only its first frame. */
    sourceUrl: loaded?.sourceUrl ?? url,
    /** Natural size of the upright image, or null until it has loaded. */
    size: loaded?.size ?? null,
    failed: !loaded && failedAttempt === attempt,
    /** Key of the loading <img>: each attempt needs a new element. */
    attempt,
    async finish(size: Size) {
      const still = await urlWithoutMotion(url, file)
      setLoaded({ url: still ?? url, sourceUrl: url, isStill: still !== null, size })
    },
    fail() {
      setLoaded(null)
      setFailedAttempt(attempt)
    },
    retry: () => setRetries(retries + 1),
  }
}

async function urlWithoutMotion(url: string, file: Blob | null): Promise<string | null> {
  if (!window.matchMedia('(prefers-reduced-motion: reduce)').matches) return null
  const { stillImage } = await import('@/lib/browser/still-image')
  return stillImage(url, file)
}
