'use client'

import { useRef, useState } from 'react'
import { callAction } from '@/components/call-action'
import { api } from '@/lib/browser/api-client'
import type { Failure } from '@/lib/browser/attempt'
import type { SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'

/** Saves a crop once, even on repeated clicks. Stays busy after success, while the gallery loads. */
export function useSave(
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>,
  onSaved: (image: SavedImage) => void,
  onRejected: (failure: Failure) => void,
) {
  const isRunning = useRef(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)

  async function save(request: SaveRequest) {
    if (isRunning.current) return
    isRunning.current = true
    setBusy(true)
    setFailure(null)
    const result = await callAction(saveImage, api.saveImage, request)
    if (result.ok) return onSaved(result.value)
    isRunning.current = false
    setBusy(false)
    setFailure(result)
    onRejected(result)
  }

  return { busy, failure, save, forget: () => setFailure(null) }
}
