import type { ErrorCode, Refusal } from '@/lib/images/errors'

/** What the browser adds to the error table: no answer came at all. */
export type ShownCode = ErrorCode | 'unreachable'

/** A failure as a screen shows it: `errors.<code>` in messages/. */
export type Failure = Omit<Refusal, 'code'> & { code: ShownCode }

/**
 * Runs a server action or request so that a screen can keep its state whatever happens:
 * a refusal comes back as it is; what was thrown becomes `internal`, or `unreachable` when there was no answer.
 * Next's own control flow (redirects) is passed on.
 */
export async function attempt<T>(
  work: () => Promise<{ ok: true; value: T } | Refusal>,
): Promise<{ ok: true; value: T } | Failure> {
  try {
    return await work()
  } catch (error) {
    if (isNextControlFlow(error)) throw error
    return { ok: false, code: isNetworkFailure(error) ? 'unreachable' : 'internal' }
  }
}

/** `fetch` rejects with a TypeError exactly when no answer came (Fetch standard, "network error"). */
function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError || (typeof navigator !== 'undefined' && !navigator.onLine)
}

function isNextControlFlow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'digest' in error && String(error.digest).startsWith('NEXT_')
}
