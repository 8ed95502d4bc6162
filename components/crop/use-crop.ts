'use client'

import { useEffect, useRef, useState } from 'react'
import { attempt, type Failure } from '@/lib/browser/attempt'
import { requestCrop } from '@/lib/browser/request-crop'
import type { CropAnswer, CropRequest } from '@/lib/images/schema'

/** Requests crops from a host, one at a time. */
export function useCrop() {
  /** Seconds until the next retry if the server is busy, else null. */
  const [waitSeconds, setWaitSeconds] = useState<number | null>(null)
  const running = useRef<AbortController | null>(null)

  useEffect(() => () => running.current?.abort(), [])

  return {
    waitSeconds,

    /** Returns the crop or the failure, or null if the request was cancelled. */
    async crop(request: CropRequest): Promise<{ ok: true; value: CropAnswer } | Failure | null> {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      setWaitSeconds(null)
      const { signal } = controller
      const result = await attempt(() => requestCrop(request, { signal, onWait: setWaitSeconds }))
      if (signal.aborted) return null
      running.current = null
      setWaitSeconds(null)
      return result
    },

    cancel() {
      running.current?.abort()
      running.current = null
      setWaitSeconds(null)
    },
  }
}
