import { type ErrorCode, errorTable, type Refusal, type Result } from '@/lib/result'

/** A code of the error table, or `unreachable`: the browser got no response. */
export type ShownCode = ErrorCode | 'unreachable'

/** A failure as a screen shows it: `errors.<code>` in messages/. */
export type Failure = Omit<Refusal, 'code'> & { code: ShownCode }

/** Shortest wait before each retry, in seconds. Jitter adds up to half. */
const waitsSeconds = [1, 2, 4, 8]

/**
 * Runs a server action or request, and returns every failure instead of throwing it, so that a screen can keep its
 * state. Errors become the code of the balancer's response, `unreachable` if there was no response, or `internal`.
 * Throws only Next's own control flow, such as redirects.
 */
export async function attempt<T>(work: () => Promise<Result<T>>): Promise<{ ok: true; value: T } | Failure> {
  try {
    return await work()
  } catch (error) {
    if (isNextControlFlow(error)) throw error
    return { ok: false, code: codeFromBalancer(error) ?? (isNetworkFailure(error) ? 'unreachable' : 'internal') }
  }
}

/**
 * Runs `attempt`, and retries `busy` for 15 to 23 seconds. A host or the balancer rejected such work before any of it
 * ran: for a limit, or because no host is up.
 */
export async function attemptWithRetries<T>(work: () => Promise<Result<T>>): Promise<{ ok: true; value: T } | Failure> {
  for (let tries = 0; ; tries++) {
    const result = await attempt(work)
    const seconds = waitsSeconds[tries]
    if (result.ok || result.code !== 'busy' || seconds === undefined) return result
    await sleep(seconds * (1 + Math.random() / 2))
  }
}

/** Waits. @throws the signal's reason once it is aborted */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', cancel, { once: true })
  })
}

/**
 * Returns the code of the balancer's own response to a server action (deploy/haproxy.cfg), or null. Next's client
 * throws an Error whose message is the response text.
 */
function codeFromBalancer(error: unknown): ErrorCode | null {
  if (!(error instanceof Error) || !error.message.startsWith('{"type":"about:blank"')) return null
  const { code } = JSON.parse(error.message) as { code: string }
  return code in errorTable ? (code as ErrorCode) : null
}

/** `fetch` rejects with a TypeError exactly if there is no response (Fetch standard, "network error"). */
function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError || (typeof navigator !== 'undefined' && navigator.onLine === false)
}

function isNextControlFlow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'digest' in error && String(error.digest).startsWith('NEXT_')
}
