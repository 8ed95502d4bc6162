import type { UploadTicket } from '@/lib/images/schema'
import { canRead } from './read-file'

/**
 * The result of an upload to the store.
 * - `refused`: the store answered with an error (`storeCode` is S3's `<Code>`)
 * - `expired`: the ticket has expired; request a new one
 * - `unreachable`: no response: network, DNS, CORS, or no progress for 30 seconds
 * - `file_changed`: the file on the person's disk has changed or is gone, so it can no longer be read
 * - `cancelled`: the signal was aborted
 */
export type SendOutcome =
  | { ok: true }
  | {
      ok: false
      kind: 'refused' | 'unreachable' | 'file_changed' | 'cancelled' | 'expired'
      storeCode?: string
      /** HTTP status. */
      status?: number
    }

export type SendFailure = Extract<SendOutcome, { ok: false }>

interface SendOptions {
  signal: AbortSignal
  /** Sent part of the body, 0 to 1. At 1 the store has not answered yet. */
  onProgress: (fraction: number) => void
}

/** Timeout without any progress. Without it, a progress bar could stay frozen. */
const stalledAfterMs = 30_000

/** The browser sets these headers itself. Setting them logs a console error. */
const browserHeaders = new Set(['content-length', 'host'])

/**
 * Sends a file to the store as a form (POST policy) or a body (presigned PUT). Uses XMLHttpRequest, because `fetch`
 * does not report the progress of an upload. Never rejects.
 */
export function sendFile(file: Blob, ticket: UploadTicket, { signal, onProgress }: SendOptions): Promise<SendOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ ok: false, kind: 'cancelled' })
    const request = new XMLHttpRequest()
    let stallTimer: ReturnType<typeof setTimeout>

    const finish = (outcome: SendOutcome) => {
      clearTimeout(stallTimer)
      signal.removeEventListener('abort', cancel)
      resolve(outcome)
    }
    const cancel = () => {
      finish({ ok: false, kind: 'cancelled' })
      request.abort()
    }
    const restartStallTimer = () => {
      clearTimeout(stallTimer)
      stallTimer = setTimeout(() => {
        finish({ ok: false, kind: 'unreachable' })
        request.abort()
      }, stalledAfterMs)
    }

    signal.addEventListener('abort', cancel)
    request.upload.onprogress = (event) => {
      restartStallTimer()
      if (event.total > 0) onProgress(event.loaded / event.total)
    }
    request.upload.onload = () => onProgress(1)
    request.onerror = async () => finish({ ok: false, kind: (await canRead(file)) ? 'unreachable' : 'file_changed' })
    request.onload = () => finish(readResponse(request, ticket))

    request.open(ticket.method, ticket.url)
    const body = ticket.method === 'POST' ? formOf(ticket, file) : file
    if (ticket.method === 'PUT') setHeaders(request, ticket)
    restartStallTimer()
    request.send(body)
  })
}

/** The policy's fields come first, because S3 ignores fields after the file. */
function formOf(ticket: UploadTicket, file: Blob): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(ticket.fields ?? {})) form.append(name, value)
  // A fixed file name: the store does not need the real one, which may be personal.
  form.append('file', file, 'file')
  return form
}

function setHeaders(request: XMLHttpRequest, ticket: UploadTicket): void {
  for (const [name, value] of Object.entries(ticket.headers ?? {})) {
    if (!browserHeaders.has(name.toLowerCase())) request.setRequestHeader(name, value)
  }
}

function readResponse(request: XMLHttpRequest, ticket: UploadTicket): SendOutcome {
  const { status } = request
  if (status >= 200 && status < 300) return { ok: true }
  // An earlier try stored the file and its response was lost. No one else has this URL.
  if (ticket.method === 'PUT' && status === 412) return { ok: true }
  const error = new DOMParser().parseFromString(request.responseText, 'application/xml')
  const storeCode = error.querySelector('Code')?.textContent || undefined
  const message = error.querySelector('Message')?.textContent ?? ''
  const expired =
    storeCode === 'AccessDenied' && (/expired/i.test(message) || Date.now() > Date.parse(ticket.expiresAt))
  return { ok: false, kind: expired ? 'expired' : 'refused', storeCode, status }
}
