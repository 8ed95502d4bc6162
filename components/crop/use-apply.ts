'use client'

import { useEffect, useRef, useState } from 'react'
import { attempt, type Failure } from '@/lib/browser/attempt'
import { requestCrop } from '@/lib/browser/request-crop'
import type { CropAnswer, CropRequest } from '@/lib/images/schema'

interface State {
  busy: boolean
  /** How long a busy server is waited for now. */
  waitSeconds: number | null
  /** The person has put an end to it. */
  isStopped: boolean
  failure: Pick<Failure, 'code'> | null
}

const idle: State = { busy: false, waitSeconds: null, isStopped: false, failure: null }

/** Has the crop drawn by a host, one request at a time, and hands on what came of it. */
export function useApply(onDrawn: (answer: CropAnswer) => void) {
  const [state, setState] = useState(idle)
  const running = useRef<AbortController | null>(null)

  useEffect(() => () => running.current?.abort(), [])

  function end(after: State) {
    running.current?.abort()
    running.current = null
    setState(after)
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
      if (result.ok) onDrawn(result.value)
    },

    /** What is being drawn is no longer what is shown. */
    cancel: () => end(idle),

    /** The person does not want to wait any longer. */
    stop: () => end({ ...idle, isStopped: true }),

    fail: (failure: Pick<Failure, 'code'>) => setState({ ...idle, failure }),
  }
}
