import { type ErrorCode, errorTable, type Refusal } from '@/lib/result'

/** What the browser adds to the error table: no answer came at all. */
export type ShownCode = ErrorCode | 'unreachable'

/** A failure as a screen shows it: `errors.<code>` in messages/. */
export type Failure = Omit<Refusal, 'code'> & { code: ShownCode }

/** How long is waited before each further try, in seconds; up to half as long again, by jitter. */
const waitsSeconds = [1, 2, 4, 8]

/**
 * Runs a server action or request so that a screen can keep its state whatever happens: a refusal comes back as it is;
 * what was thrown becomes what the balancer said, `unreachable` when there was no answer, or `internal`. Next's own
 * control flow (redirects) is passed on.
 */
export async function attempt<T>(
  work: () => Promise<{ ok: true; value: T } | Refusal>,
): Promise<{ ok: true; value: T } | Failure> {
  try {
    return await work()
  } catch (error) {
    if (isNextControlFlow(error)) throw error
    return { ok: false, code: codeFromBalancer(error) ?? (isNetworkFailure(error) ? 'unreachable' : 'internal') }
  }
}

/**
 * The same for work that may be done again where it was turned away as busy, by the balancer, for want of a host or by a
 * limit, or by a host: it is tried again for 15 to 23 seconds, and then it is `busy`.
 */
export async function attemptWithRetries<T>(
  work: () => Promise<{ ok: true; value: T } | Refusal>,
): Promise<{ ok: true; value: T } | Failure> {
  for (let tries = 0; ; tries++) {
    const result = await attempt(work)
    const seconds = waitsSeconds[tries]
    if (result.ok || result.code !== 'busy' || seconds === undefined) return result
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random() / 2)))
  }
}

/**
 * The code of what the balancer answered to a server action itself (deploy/haproxy.cfg). Next's client throws it as an
 * Error that has the answer's text for a message.
 */
function codeFromBalancer(error: unknown): ErrorCode | null {
  if (!(error instanceof Error) || !error.message.startsWith('{"type":"about:blank"')) return null
  const { code } = JSON.parse(error.message) as { code: string }
  return code in errorTable ? (code as ErrorCode) : null
}

/** `fetch` rejects with a TypeError exactly when no answer came (Fetch standard, "network error"). */
function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError || (typeof navigator !== 'undefined' && navigator.onLine === false)
}

function isNextControlFlow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'digest' in error && String(error.digest).startsWith('NEXT_')
}
