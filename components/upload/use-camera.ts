'use client'

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Why there is no picture. Each has a sentence: `upload.camera.failures.<code>` in messages/. */
export type CameraFailure = 'blocked' | 'missing' | 'busy' | 'other'

export type CameraState = { step: 'starting' } | { step: 'live' } | { step: 'failed'; failure: CameraFailure }

/** Shows the camera in a video element, from mount to unmount. `restart` tries again after a failure. */
export function useCamera(video: RefObject<HTMLVideoElement | null>): { state: CameraState; restart: () => void } {
  const [state, setState] = useState<CameraState>({ step: 'starting' })
  const stop = useRef<() => void>(undefined)

  const start = useCallback(() => {
    stop.current?.()
    setState({ step: 'starting' })
    stop.current = openCamera(video, setState)
  }, [video])

  useEffect(() => {
    start()
    return () => stop.current?.()
  }, [start])
  return { state, restart: start }
}

/** Opens the camera and reports its state. @returns a function that turns it off, also while the browser still asks */
function openCamera(video: RefObject<HTMLVideoElement | null>, onState: (state: CameraState) => void): () => void {
  let isWanted = true
  let stream: MediaStream | undefined

  const stop = () => {
    isWanted = false
    for (const track of stream?.getTracks() ?? []) track.stop()
  }
  const fail = (failure: CameraFailure) => {
    if (isWanted) onState({ step: 'failed', failure })
    stop()
  }
  const open = async () => {
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } }
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', ...size } })
    // The person left while the browser asked for permission.
    if (!isWanted || !video.current) return stop()
    // Unplugged, or turned off in the browser.
    for (const track of stream.getTracks()) track.onended = () => fail('missing')
    video.current.srcObject = stream
    await video.current.play()
    if (isWanted) onState({ step: 'live' })
  }
  open().catch((error: unknown) => fail(failureOf(error)))
  return stop
}

/** Names the failures of getUserMedia (W3C Media Capture and Streams, 10.2). */
export function failureOf(error: unknown): CameraFailure {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'blocked'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'other'
}
