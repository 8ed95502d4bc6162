'use client'

import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { StoredUpload } from '@/components/flow/flow-context'
import { loadLaterCode } from '@/components/later/load-later-code'
import type { Failure } from '@/lib/browser/attempt'
import { hasOldPages } from '@/lib/browser/photo-changes'
import type { CropAnswer, CropRequest, SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { useCrop } from './use-crop'

/** What the person asked for: to look at the crop, or to save it. */
export type Goal = 'preview' | 'save'

/** A failed crop keeps its goal for the next try. */
export type SaveFailed = { at: 'crop'; goal: Goal; failure: Failure } | { at: 'save'; failure: Failure }

export type SaveState =
  /** `isStopped`: the person stopped the last try. */
  | { step: 'editing'; failure: SaveFailed | null; isStopped?: boolean }
  /** Waits until the upload is in the store. */
  | { step: 'uploading'; goal: Goal }
  | { step: 'cropping'; goal: Goal }
  /** The crop exists, and cannot be cancelled any more. */
  | { step: 'saving'; crop: CropAnswer }

interface SavePhotoSetup {
  /** The upload in the store, or null until it has arrived. */
  upload: StoredUpload | null
  isUploadStopped: boolean
  /** Continues a stopped upload. */
  onResumeUpload: () => void
  /** The crop of the edits for this upload, or null while the picture loads. */
  cropRequest: (upload: StoredUpload) => CropRequest | null
  /** An earlier result for the same crop, or null. */
  findCrop: (request: CropRequest) => CropAnswer | null
  keepsOriginal: boolean
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
  onCropped: (request: CropRequest, crop: CropAnswer) => void
  onPreview: (crop: CropAnswer) => void
  onCropGone: (crop: CropAnswer) => void
  onSaved: (image: SavedImage) => void
  onSaveFailed: (failure: Failure) => void
}

/**
 * Crops, then previews or saves. Waits for the upload first if it still runs. A failure of either step leads back to the
 * editor with its edits.
 */
export function useSavePhoto({ upload, isUploadStopped, saveImage, ...setup }: SavePhotoSetup) {
  const [state, setState] = useState<SaveState>({ step: 'editing', failure: null })
  const cropping = useCrop()
  const isRunning = useRef(false)

  async function run(goal: Goal, stored: StoredUpload, keepOriginal: boolean) {
    const request = setup.cropRequest(stored)
    if (!request || isRunning.current) return
    isRunning.current = true
    try {
      let crop = setup.findCrop(request)
      if (!crop) {
        setState({ step: 'cropping', goal })
        const result = await cropping.crop(request)
        if (!result) return
        if (!result.ok) return setState({ step: 'editing', failure: { at: 'crop', goal, failure: result } })
        crop = result.value
        setup.onCropped(request, crop)
      }
      if (goal === 'preview') {
        setState({ step: 'editing', failure: null })
        return setup.onPreview(crop)
      }
      await commit(stored, crop, keepOriginal)
    } finally {
      isRunning.current = false
    }
  }

  /** Stays in `saving` after success, while the gallery loads. */
  async function commit({ uploadId, seen }: StoredUpload, crop: CropAnswer, keepOriginal: boolean) {
    setState({ step: 'saving', crop })
    const request = { uploadId, cropId: crop.cropId, keepOriginal }
    // Since this page was rendered, the person saved or chose another photo in this tab. They want this one now.
    // The code is here: it made the crop, or showed the preview.
    const { sendSave } = await loadLaterCode()
    const result = await sendSave(saveImage, hasOldPages() ? request : { ...request, seen })
    if (result.ok) return setup.onSaved(result.value)
    if (result.code === 'draft_gone') setup.onCropGone(crop)
    setup.onSaveFailed(result)
    setState({ step: 'editing', failure: { at: 'save', failure: result } })
  }

  const runPending = useEffectEvent((stored: StoredUpload) => {
    if (state.step === 'uploading') void run(state.goal, stored, setup.keepsOriginal)
  })
  const isWaiting = state.step === 'uploading'
  useEffect(() => {
    if (isWaiting && upload) runPending(upload)
  }, [isWaiting, upload])

  // The upload's own notice says why, and offers to try again.
  useEffect(() => {
    if (isWaiting && isUploadStopped) setState({ step: 'editing', failure: null })
  }, [isWaiting, isUploadStopped])

  const isBusy = state.step !== 'editing'
  return {
    state,
    isBusy,
    waitSeconds: cropping.waitSeconds,

    start(goal: Goal, keepOriginal = setup.keepsOriginal) {
      if (isBusy || isRunning.current) return
      if (upload) return void run(goal, upload, keepOriginal)
      if (isUploadStopped) setup.onResumeUpload()
      setState({ step: 'uploading', goal })
    },

    /** Saves a crop that exists already. */
    saveCrop(crop: CropAnswer, keepOriginal = setup.keepsOriginal) {
      if (upload && !isBusy) void commit(upload, crop, keepOriginal)
    },

    /** Stops waiting and cropping. A running save cannot be stopped. @param isStopped the person pressed Stop */
    cancel(isStopped = false) {
      if (state.step === 'saving') return
      cropping.cancel()
      isRunning.current = false
      setState({ step: 'editing', failure: null, isStopped })
    },

    forgetFailure() {
      setState((now) => (now.step === 'editing' ? { ...now, failure: null } : now))
    },
  }
}
