'use client'

import { useEffect, useEffectEvent, useReducer, useRef } from 'react'
import { callAction } from '@/components/call-action'
import { api } from '@/lib/browser/api-client'
import { sleep } from '@/lib/browser/attempt'
import { ensureGuest } from '@/lib/browser/ensure-guest'
import { measureImage, shrinkImage } from '@/lib/browser/load-image'
import { canRead } from '@/lib/browser/read-file'
import { sendFile } from '@/lib/browser/send-file'
import type { Collection } from '@/lib/images/collections'
import type { StartUpload, UploadTicket } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { checkFile, type FileLimits } from './check-file'
import { retryWait } from './retry-wait'
import { emptyUpload, isAccepted, isBusy, reduceUpload, waitsForNetwork } from './upload-state'

interface UploadSetup {
  limitsOf: (collection: Collection) => FileLimits
  /** Whether this browser has a session. Without one, the first upload creates a guest. */
  hasSession: boolean
  startUpload: (input: StartUpload) => Promise<Result<UploadTicket>>
  onGuest: () => void
  /** Called once a file is accepted, before its upload starts. */
  onAccepted: (file: File, collection: Collection) => void
  /** Whether the editor shows the accepted file. It may also be on another page, or saved. */
  isEditing: () => boolean
  /** Asks whether an accepted file may replace the one in the editor. */
  mayReplace: () => Promise<boolean>
  /** Called if the file moves but is saved as a still. */
  onLosesMotion: (name: string) => void
}

/** A ticket that expires sooner is renewed before use. */
const minTicketMs = 10_000

/** Runs the upload of upload-state.ts: checks the file, requests a ticket, sends, retries, and stops if it must. */
export function useUpload({ limitsOf, hasSession, startUpload, ...on }: UploadSetup) {
  const [state, dispatch] = useReducer(reduceUpload, emptyUpload)
  const running = useRef<AbortController>(null)
  const isMounted = useRef(false)
  const isGuest = useRef(hasSession)
  const chosenCollection = useRef<Collection>(null)
  /** The last choice, until it is discarded. */
  const choice = useRef<readonly File[]>(null)

  const begin = (file: File, collection: Collection) => {
    if (!isMounted.current) return
    running.current?.abort()
    chosenCollection.current = collection
    dispatch({ type: 'start', file })
    on.onAccepted(file, collection)
    return upload(file, collection, null)
  }

  const createGuest = async () => {
    const result = await ensureGuest()
    if (result.ok) {
      isGuest.current = true
      on.onGuest()
    }
    return result
  }

  /** Requests a ticket. Creates a guest first if this browser has no session, or no longer has one. */
  const requestTicket = async (request: StartUpload) => {
    const hadSession = isGuest.current
    const guest = hadSession ? null : await createGuest()
    if (guest && !guest.ok) return guest
    const result = await callAction(startUpload, api.startUpload, request)
    if (result.ok || result.code !== 'unauthorized' || !hadSession) return result
    const another = await createGuest()
    return another.ok ? callAction(startUpload, api.startUpload, request) : another
  }

  const upload = async (file: File, collection: Collection, lastTicket: UploadTicket | null) => {
    const controller = new AbortController()
    const { signal } = controller
    running.current = controller
    let ticket = lastTicket
    for (let tries = 1; ; tries++) {
      if (!ticket || Date.parse(ticket.expiresAt) - Date.now() < minTicketMs) {
        dispatch({ type: 'renew' })
        const request = { collection: collection.name, contentType: file.type, size: file.size }
        const result = await requestTicket(request)
        if (signal.aborted) return
        if (!result.ok) return dispatch({ type: 'stop', stop: { by: 'host', failure: result } })
        ticket = result.value
      }
      dispatch({ type: 'send', ticket, tries })
      const onProgress = (fraction: number) => !signal.aborted && dispatch({ type: 'progress', fraction })
      const outcome = await sendFile(file, ticket, { signal, onProgress })
      if (signal.aborted) return
      if (outcome.ok) return dispatch({ type: 'arrive', uploadId: ticket.uploadId })
      const seconds = navigator.onLine ? retryWait(outcome, tries) : null
      if (seconds === null) return dispatch({ type: 'stop', stop: { by: 'store', failure: outcome } })
      if (outcome.kind === 'expired') ticket = null
      dispatch({ type: 'wait', failure: outcome, seconds: Math.ceil(seconds) })
      await sleep(seconds, signal).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  const beginSmaller = async (file: File, collection: Collection, type: 'image/jpeg' | 'image/webp') => {
    const limits = limitsOf(collection)
    const smaller = await shrinkImage(file, { ...limits, type })
    if (smaller && limits.types.includes(smaller.type)) return begin(smaller, collection)
    const code = (await canRead(file)) ? 'not_shrunk' : 'file_changed'
    dispatch({ type: 'reject', problem: { code, name: file.name } })
  }

  const convert = async (file: File, collection: Collection) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    dispatch({ type: 'convert', file })
    const limits = limitsOf(collection)
    // Loaded only now, because few people need it. That fails without a network.
    const jpeg = await import('@/lib/browser/heic/heic-to-jpeg')
      .then(({ heicToJpeg }) => heicToJpeg(file, limits, controller.signal))
      .catch(() => null)
    if (controller.signal.aborted) return
    if (jpeg && limits.types.includes(jpeg.type)) return begin(jpeg, collection)
    const code = (await canRead(file)) ? 'heic' : 'file_changed'
    dispatch({ type: 'reject', problem: { code, name: file.name } })
  }

  // JPEG has no transparency, so other types become WebP.
  const shrinkAndBegin = (file: File, collection: Collection) =>
    beginSmaller(file, collection, file.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp')

  const choose = async (files: readonly File[], collection: Collection) => {
    const [file] = files
    if (!file || state.step === 'checking' || state.step === 'shrinking') return
    // The newest choice counts.
    if (state.step === 'converting') cancel()
    if (files.length > 1) {
      return dispatch({ type: 'reject', problem: { code: 'several_files', count: files.length } })
    }
    dispatch({ type: 'check' })
    choice.current = files
    const verdict = await checkFile(file, limitsOf(collection), measureImage)
    if (choice.current !== files) return
    if (verdict.kind === 'rejected') return dispatch({ type: 'reject', problem: verdict.problem })
    const mayReplace = await on.mayReplace()
    if (choice.current !== files) return
    if (!mayReplace) return dispatch({ type: 'keep' })
    chosenCollection.current = collection
    switch (verdict.kind) {
      case 'fits':
        if (verdict.losesMotion) on.onLosesMotion(file.name)
        return begin(verdict.file, collection)
      case 'convert':
        return convert(verdict.file, collection)
      case 'oversized':
        // The person has agreed to replace the photo in the editor, which has no place for the offer.
        if (on.isEditing()) return shrinkAndBegin(verdict.file, collection)
        running.current?.abort()
        return dispatch({ type: 'find oversized', file: verdict.file, reason: verdict.problem })
    }
  }

  const shrink = () => {
    if (state.step !== 'oversized' || !chosenCollection.current) return
    dispatch({ type: 'shrink' })
    return shrinkAndBegin(state.file, chosenCollection.current)
  }

  const retry = () => {
    if (state.step === 'stopped' && chosenCollection.current) {
      return upload(state.file, chosenCollection.current, state.ticket)
    }
  }

  const cancel = () => {
    running.current?.abort()
    dispatch({ type: 'stop', stop: { by: 'person' } })
  }

  const forgetProblem = () => dispatch({ type: 'forget problem' })

  const discard = () => {
    running.current?.abort()
    choice.current = null
    dispatch({ type: 'discard' })
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

  return { state, accepted: isAccepted(state) ? state : null, choose, shrink, retry, cancel, discard, forgetProblem }
}
