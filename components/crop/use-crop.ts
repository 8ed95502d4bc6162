'use client'

import { useEffect, useRef, useState } from 'react'
import { useLaterCodeOnPress } from '@/components/later/load-later-code'
import type { Failure } from '@/lib/browser/attempt'
import type { CropAnswer, CropRequest } from '@/lib/images/schema'

/** Requests crops from a host, one at a time. */
export function useCrop() {
  /** Seconds until the next retry if the server is busy, else null. */
  const [waitSeconds, setWaitSeconds] = useState<number | null>(null)
  const loadLater = useLaterCodeOnPress()
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
      const code = await loadLater()
      const result = code ? await code.sendCrop(request, { signal, onWait: setWaitSeconds }) : unreachable
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

const unreachable: Failure = { ok: false, code: 'unreachable' }
