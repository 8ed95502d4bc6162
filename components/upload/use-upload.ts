'use client'

import { useEffect, useEffectEvent, useReducer, useRef } from 'react'
import { callAction } from '@/components/call-action'
import { api } from '@/lib/browser/api-client'
import { sleep } from '@/lib/browser/attempt'
import { ensureGuest } from '@/lib/browser/ensure-guest'
import { measureImage, shrinkImage } from '@/lib/browser/load-image'
import { canRead } from '@/lib/browser/read-file'
import { sendFile } from '@/lib/browser/send-file'
import { hasGuests } from '@/lib/browser/sign-in'
import type { Collection } from '@/lib/images/collections'
import type { StartUpload, UploadTicket } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { checkFile, type FileLimits } from './check-file'
import { retryWait } from './retry-wait'
import { emptyUpload, isBusy, reduceUpload, type Stop, waitsForNetwork } from './upload-state'

interface UploadSetup {
  limitsOf: (collection: Collection) => FileLimits
  /** Whether this browser has a session. Without one, the first upload creates a guest. */
  hasSession: boolean
  startUpload: (input: StartUpload) => Promise<Result<UploadTicket>>
  onGuest: () => void
  /** Called once a file is accepted, before its upload starts. */
  onAccepted: (file: File, collection: Collection) => void
  /** Whether the editor shows the accepted file. */
  isEditing: () => boolean
  /** Asks whether a checked file may replace the accepted one. */
  mayReplace: () => Promise<boolean>
  /** Called if the file moves but is saved as a still. */
  onLosesMotion: (name: string) => void
}

/** A ticket that expires sooner is renewed before use. */
const minTicketMs = 10_000

/** Runs the upload of upload-state.ts: checks the file, requests a ticket, sends, retries, and stops if it must. */
export function useUpload({ limitsOf, hasSession, startUpload, ...on }: UploadSetup) {
  const [state, dispatch] = useReducer(reduceUpload, emptyUpload)
  const { accepted } = state
  const isGuest = useRef(hasSession)
  const sending = useRef<AbortController>(null)
  /** The collection of the accepted file. */
  const acceptedFor = useRef<Collection>(null)
  /** The last choice. The newest one counts. */
  const choice = useRef<AbortController>(null)
  /** The collection of the last choice. */
  const chosenFor = useRef<Collection>(null)

  const stop = (stop: Stop) => dispatch({ type: 'stop', stop, isOffline: !navigator.onLine })

  const begin = (file: File, collection: Collection) => {
    sending.current?.abort()
    acceptedFor.current = collection
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

  /** Requests a ticket. Where there are guests, creates one first if this browser has no session, or no longer has one. */
  const requestTicket = async (request: StartUpload) => {
    if (!hasGuests()) return callAction(startUpload, api.startUpload, request)
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
    sending.current = controller
    let ticket = lastTicket
    for (let tries = 1; ; tries++) {
      if (!ticket || Date.parse(ticket.expiresAt) - Date.now() < minTicketMs) {
        dispatch({ type: 'renew' })
        const request = { collection: collection.name, contentType: file.type, size: file.size }
        const result = await requestTicket(request)
        if (signal.aborted) return
        if (!result.ok) return stop({ by: 'host', failure: result })
        ticket = result.value
      }
      dispatch({ type: 'send', ticket, tries })
      const onProgress = (fraction: number) => !signal.aborted && dispatch({ type: 'progress', fraction })
      const outcome = await sendFile(file, ticket, { signal, onProgress })
      if (signal.aborted) return
      if (outcome.ok) return dispatch({ type: 'arrive', uploadId: ticket.uploadId })
      const seconds = navigator.onLine ? retryWait(outcome, tries) : null
      if (seconds === null) return stop({ by: 'store', failure: outcome })
      if (outcome.kind === 'expired') ticket = null
      dispatch({ type: 'wait', failure: outcome, seconds: Math.ceil(seconds) })
      await sleep(seconds, signal).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  const newChoice = () => {
    choice.current?.abort()
    choice.current = new AbortController()
    return choice.current.signal
  }

  /** Begins with the file that the browser has made of the chosen one. */
  const beginWith = async (made: File | null, chosen: File, failed: 'heic' | 'not_shrunk', signal: AbortSignal) => {
    const collection = chosenFor.current
    if (signal.aborted || !collection) return
    if (made && limitsOf(collection).types.includes(made.type)) return begin(made, collection)
    const code = (await canRead(chosen)) ? failed : 'file_changed'
    if (!signal.aborted) dispatch({ type: 'reject', problem: { code, name: chosen.name } })
  }

  const convert = async (file: File, collection: Collection, signal: AbortSignal) => {
    dispatch({ type: 'convert', file })
    // Loaded only now, because few people need it. That fails without a network.
    const jpeg = await import('@/lib/browser/heic/heic-to-jpeg')
      .then(({ heicToJpeg }) => heicToJpeg(file, limitsOf(collection), signal))
      .catch(() => null)
    return beginWith(jpeg, file, 'heic', signal)
  }

  const shrinkAndBegin = async (file: File, collection: Collection, signal: AbortSignal) => {
    dispatch({ type: 'shrink', file })
    // JPEG has no transparency, so other types become WebP.
    const type = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp'
    const smaller = await shrinkImage(file, { ...limitsOf(collection), type })
    return beginWith(smaller, file, 'not_shrunk', signal)
  }

  const choose = async (files: readonly File[], collection: Collection) => {
    const [file] = files
    if (!file) return
    const signal = newChoice()
    if (files.length > 1) {
      return dispatch({ type: 'reject', problem: { code: 'several_files', count: files.length } })
    }
    dispatch({ type: 'check' })
    const verdict = await checkFile(file, limitsOf(collection), measureImage)
    if (signal.aborted) return
    if (verdict.kind === 'rejected') return dispatch({ type: 'reject', problem: verdict.problem })
    const mayReplace = await on.mayReplace()
    if (signal.aborted) return
    if (!mayReplace) return dispatch({ type: 'keep' })
    chosenFor.current = collection
    switch (verdict.kind) {
      case 'fits':
        if (verdict.losesMotion) on.onLosesMotion(file.name)
        return begin(verdict.file, collection)
      case 'convert':
        return convert(verdict.file, collection, signal)
      case 'oversized':
        // The person has agreed to replace the photo in the editor, which has no place for the offer.
        if (on.isEditing()) return shrinkAndBegin(verdict.file, collection, signal)
        return dispatch({ type: 'find oversized', file: verdict.file, reason: verdict.problem })
    }
  }

  /** Shrinks the file over a limit. */
  const shrink = () => {
    if (state.choosing?.step !== 'oversized' || !chosenFor.current) return
    return shrinkAndBegin(state.choosing.file, chosenFor.current, newChoice())
  }

  /** Cancels the last choice. The accepted file stays. */
  const keep = () => {
    choice.current?.abort()
    dispatch({ type: 'keep' })
  }

  const forgetChoice = () => {
    choice.current?.abort()
    dispatch({ type: 'forget choice' })
  }

  const forgetProblem = () => dispatch({ type: 'forget problem' })

  const retry = () => {
    if (accepted?.step === 'stopped' && acceptedFor.current) {
      return upload(accepted.file, acceptedFor.current, accepted.ticket)
    }
  }

  const cancel = () => {
    sending.current?.abort()
    stop({ by: 'person' })
  }

  const discard = () => {
    sending.current?.abort()
    dispatch({ type: 'discard' })
  }

  const onOnline = useEffectEvent(() => {
    if (waitsForNetwork(accepted)) retry()
  })
  const onOffline = useEffectEvent(() => {
    if (!isBusy(accepted)) return
    // The request itself would notice only after minutes.
    sending.current?.abort()
    stop({ by: 'store', failure: { ok: false, kind: 'unreachable' } })
  })
  useEffect(() => {
    const online = () => onOnline()
    const offline = () => onOffline()
    window.addEventListener('online', online)
    window.addEventListener('offline', offline)
    return () => {
      sending.current?.abort()
      choice.current?.abort()
      window.removeEventListener('online', online)
      window.removeEventListener('offline', offline)
    }
  }, [])

  return { state, choose, shrink, keep, forgetChoice, forgetProblem, retry, cancel, discard }
}
