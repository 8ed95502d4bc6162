import { type ErrorCode, errorTable, type FieldError, ok, type Result, refuse } from '@/lib/result'

/** Options of each request to the HTTP API. */
export const requestInit = { credentials: 'same-origin', redirect: 'manual' } as const satisfies RequestInit

/**
 * Reads a response of the HTTP API: its value (null for 204), or its expected failure. Does not validate the value: a
 * host of a newer build may send more fields than this page knows.
 * @throws Error if the response is neither
 */
export async function readResponse<T>(response: Response): Promise<Result<T>> {
  if (response.status === 204) return ok(null as T)
  if (response.ok) return ok((await response.json()) as T)
  return readRefusal(response)
}

/** Reads `application/problem+json` with a code of the error table. */
async function readRefusal(response: Response): Promise<Result<never>> {
  const { pathname } = new URL(response.url || '/', 'http://localhost')
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
    if (isSignedOut(response)) return refuse('unauthorized')
    throw new Error(`${pathname} answered ${response.status}`)
  }
  const problem = (await response.json()) as { code: string; fields?: FieldError[] }
  if (!(problem.code in errorTable)) throw new Error(`${pathname} answered ${problem.code}`)
  const retryAfterSeconds = Number(response.headers.get('retry-after')) || undefined
  return refuse(problem.code as ErrorCode, {
    ...(problem.fields && { fields: problem.fields }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  })
}

/**
 * Whether a proxy that signs people in has answered instead of the API. It has its own format for 401, or redirects to
 * the sign-in, which a page cannot follow to another site.
 */
function isSignedOut(response: Response): boolean {
  return response.status === 401 || response.type === 'opaqueredirect'
}
