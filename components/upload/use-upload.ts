'use client'

import { useEffect, useEffectEvent, useReducer, useRef } from 'react'
import { callAction } from '@/components/call-action'
import { api } from '@/lib/browser/api-client'
import { sleep } from '@/lib/browser/attempt'
import { measureImage, shrinkImage } from '@/lib/browser/load-image'
import { canRead } from '@/lib/browser/read-file'
import { sendFile } from '@/lib/browser/send-file'
import type { StartUpload, UploadTicket } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { checkFile, type FileLimits } from './check-file'
import { retryWait } from './retry-wait'
import { emptyUpload, isBusy, isIdle, reduceUpload, waitsForNetwork } from './upload-state'

interface UploadSetup {
  collection: string
  limits: FileLimits
  startUpload: (input: StartUpload) => Promise<Result<UploadTicket>>
  /** Called once the file is in the store. */
  onArrive: (uploadId: string) => void
  /** Called if the file moves but is saved as a still. */
  onLosesMotion: (name: string) => void
}

/** A ticket that expires sooner is renewed before use. */
const minTicketMs = 10_000

/** Runs the upload of upload-state.ts: checks the file, requests a ticket, sends, retries, and stops if it must. */
export function useUpload({ collection, limits, startUpload, onArrive, onLosesMotion }: UploadSetup) {
  const [state, dispatch] = useReducer(reduceUpload, emptyUpload)
  const running = useRef<AbortController>(null)
  const isMounted = useRef(false)

  const upload = async (file: File, lastTicket: UploadTicket | null) => {
    if (!isMounted.current) return
    const controller = new AbortController()
    const { signal } = controller
    running.current = controller

    let ticket = lastTicket
    for (let tries = 1; ; tries++) {
      if (!ticket || Date.parse(ticket.expiresAt) - Date.now() < minTicketMs) {
        dispatch({ type: 'start', file })
        const request = { collection, contentType: file.type, size: file.size }
        const result = await callAction(startUpload, api.startUpload, request)
        if (signal.aborted) return
        if (!result.ok) return dispatch({ type: 'stop', stop: { by: 'host', failure: result } })
        ticket = result.value
      }

      dispatch({ type: 'send', file, ticket, tries })
      const onProgress = (fraction: number) => dispatch({ type: 'progress', fraction })
      const outcome = await sendFile(file, ticket, { signal, onProgress })
      if (signal.aborted) return
      if (outcome.ok) {
        dispatch({ type: 'arrive' })
        return onArrive(ticket.uploadId)
      }

      const seconds = navigator.onLine ? retryWait(outcome, tries) : null
      if (seconds === null) return dispatch({ type: 'stop', stop: { by: 'store', failure: outcome } })
      if (outcome.kind === 'expired') ticket = null
      dispatch({ type: 'wait', failure: outcome, seconds: Math.ceil(seconds) })
      await sleep(seconds, signal).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  const uploadSmaller = async (file: File, type: 'image/jpeg' | 'image/webp') => {
    const smaller = await shrinkImage(file, { ...limits, type })
    if (smaller && limits.types.includes(smaller.type)) return upload(smaller, null)
    const code = (await canRead(file)) ? 'not_shrunk' : 'file_changed'
    dispatch({ type: 'reject', problem: { code, name: file.name } })
  }

  const convert = async (file: File) => {
    const controller = new AbortController()
    running.current = controller
    dispatch({ type: 'convert', file })
    // Few people need it.
    const { heicToJpeg } = await import('@/lib/browser/heic/heic-to-jpeg')
    const jpeg = await heicToJpeg(file, limits, controller.signal).catch(() => null)
    if (controller.signal.aborted) return
    if (jpeg && limits.types.includes(jpeg.type)) return upload(jpeg, null)
    const code = (await canRead(file)) ? 'heic' : 'file_changed'
    dispatch({ type: 'reject', problem: { code, name: file.name } })
  }

  const choose = async (files: readonly File[]) => {
    const [file] = files
    if (!file || !isIdle(state)) return
    if (files.length > 1) {
      return dispatch({ type: 'reject', problem: { code: 'several_files', count: files.length } })
    }
    dispatch({ type: 'check' })
    const verdict = await checkFile(file, limits, measureImage)
    switch (verdict.kind) {
      case 'fits':
        if (verdict.losesMotion) onLosesMotion(file.name)
        return upload(verdict.file, null)
      case 'convert':
        return convert(verdict.file)
      case 'oversized':
        return dispatch({ type: 'find oversized', file: verdict.file, reason: verdict.problem })
      case 'rejected':
        return dispatch({ type: 'reject', problem: verdict.problem })
    }
  }

  const shrink = () => {
    if (state.step !== 'oversized') return
    dispatch({ type: 'shrink' })
    // JPEG has no transparency, so other types become WebP.
    return uploadSmaller(state.file, state.file.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp')
  }

  const retry = () => {
    if (state.step === 'stopped') return upload(state.file, state.ticket)
  }

  const cancel = () => {
    running.current?.abort()
    dispatch({ type: 'stop', stop: { by: 'person' } })
  }

  const onOnline = useEffectEvent(() => {
    if (waitsForNetwork(state)) retry()
  })
  const onOffline = useEffectEvent(() => {
    if (!isBusy(state)) return
    // The request itself would notice only after minutes.
    running.current?.abort()
    dispatch({ type: 'stop', stop: { by: 'store', failure: { ok: false, kind: 'unreachable' } } })
  })

  useEffect(() => {
    isMounted.current = true
    const online = () => onOnline()
    const offline = () => onOffline()
    window.addEventListener('online', online)
    window.addEventListener('offline', offline)
    return () => {
      isMounted.current = false
      running.current?.abort()
      window.removeEventListener('online', online)
      window.removeEventListener('offline', offline)
    }
  }, [])

  return { state, choose, shrink, retry, cancel }
}
