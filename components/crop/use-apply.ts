'use client'

import { useEffect, useRef, useState } from 'react'
import { attempt, type Failure } from '@/lib/browser/attempt'
import { requestCrop } from '@/lib/browser/request-crop'
import type { CropAnswer, CropRequest } from '@/lib/images/schema'

interface State {
  busy: boolean
  /** Seconds until the next retry if the server is busy, else null. */
  waitSeconds: number | null
  /** The person cancelled. */
  isStopped: boolean
  /** The sentence replaces the code's own. */
  failure: (Pick<Failure, 'code'> & { sentence?: string }) | null
}

const idle: State = { busy: false, waitSeconds: null, isStopped: false, failure: null }

/** Requests crops from a host, one at a time, and calls `onCropped` with each result. */
export function useApply(onCropped: (answer: CropAnswer) => void) {
  const [state, setState] = useState(idle)
  const running = useRef<AbortController | null>(null)

  useEffect(() => () => running.current?.abort(), [])

  function end(next: State) {
    running.current?.abort()
    running.current = null
    setState(next)
  }

  return {
    ...state,

    async apply(request: CropRequest) {
      if (running.current) return
      const controller = new AbortController()
      running.current = controller
      setState({ ...idle, busy: true })
      const result = await attempt(() =>
        requestCrop(request, {
          signal: controller.signal,
          onWait: (waitSeconds) => setState({ ...idle, busy: true, waitSeconds }),
        }),
      )
      if (controller.signal.aborted) return
      running.current = null
      setState(result.ok ? idle : { ...idle, failure: result })
      if (result.ok) onCropped(result.value)
    },

    /** Drops the request because the crop has changed. */
    cancel: () => end(idle),

    /** Stops the request because the person cancelled. */
    stop: () => end({ ...idle, isStopped: true }),

    /** Shows why the applied crop must be applied again. */
    fail: (failure: NonNullable<State['failure']>) => setState({ ...idle, failure }),
  }
}
