import type { UploadTicket } from '@/lib/images/schema'

/**
 * How sending a file to the store ended.
 * - `refused`: the store answered with an error (`storeCode` is S3's `<Code>`)
 * - `expired`: the ticket's time had run out; a new ticket mends it
 * - `unreachable`: no answer: network, DNS, CORS, or nothing moved for half a minute
 * - `cancelled`: by the signal
 */
export type SendOutcome =
  | { ok: true }
  | {
      ok: false
      kind: 'refused' | 'unreachable' | 'cancelled' | 'expired'
      storeCode?: string
      /** HTTP status. */
      status?: number
    }

export type SendFailure = Extract<SendOutcome, { ok: false }>

interface SendOptions {
  signal: AbortSignal
  /** The part of the body that is on its way, 0 to 1. At 1 the store's answer is still to come. */
  onProgress: (fraction: number) => void
}

/** A connection that moves nothing for so long is given up, so that no bar stands frozen. */
const stalledAfterMs = 30_000

/** Headers that the browser sets itself and refuses, with a console error, to have set. */
const browserHeaders = new Set(['content-length', 'host'])

/**
 * Sends a file straight to the store as the ticket says: a form (POST policy) or a body (presigned PUT).
 * XMLHttpRequest, because `fetch` cannot tell the progress of an upload. Never rejects.
 */
export function sendFile(file: Blob, ticket: UploadTicket, { signal, onProgress }: SendOptions): Promise<SendOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ ok: false, kind: 'cancelled' })
    const request = new XMLHttpRequest()
    let stalled: ReturnType<typeof setTimeout>

    const finish = (outcome: SendOutcome) => {
      clearTimeout(stalled)
      signal.removeEventListener('abort', cancel)
      resolve(outcome)
    }
    const cancel = () => {
      finish({ ok: false, kind: 'cancelled' })
      request.abort()
    }
    const watch = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => {
        finish({ ok: false, kind: 'unreachable' })
        request.abort()
      }, stalledAfterMs)
    }

    signal.addEventListener('abort', cancel)
    request.upload.onprogress = (event) => {
      watch()
      if (event.total > 0) onProgress(event.loaded / event.total)
    }
    request.upload.onload = () => onProgress(1)
    request.onerror = () => finish({ ok: false, kind: 'unreachable' })
    request.onload = () => finish(readResponse(request, ticket))

    request.open(ticket.method, ticket.url)
    const body = ticket.method === 'POST' ? formOf(ticket, file) : file
    if (ticket.method === 'PUT') setHeaders(request, ticket)
    watch()
    request.send(body)
  })
}

/** S3 reads nothing that comes after the file: the policy's fields go first. */
function formOf(ticket: UploadTicket, file: Blob): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(ticket.fields ?? {})) form.append(name, value)
  // A file name of our own: the person's says nothing to the store, and may say something about the person.
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
  // It is there: an earlier try has put it, and only the answer was lost. The link creates, and nobody else has it.
  if (ticket.method === 'PUT' && status === 412) return { ok: true }
  const error = new DOMParser().parseFromString(request.responseText, 'application/xml')
  const storeCode = error.querySelector('Code')?.textContent || undefined
  const message = error.querySelector('Message')?.textContent ?? ''
  const expired =
    storeCode === 'AccessDenied' && (/expired/i.test(message) || Date.now() > Date.parse(ticket.expiresAt))
  return { ok: false, kind: expired ? 'expired' : 'refused', storeCode, status }
}
