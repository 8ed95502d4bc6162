import 'server-only'
import { type ErrorCode, errorTable } from '@/lib/result'

/** A response that a host sends without Next, whose own response would be a 500 or carry out the request. */
export interface Rejection {
  status: 400 | 403 | 405 | 413
  code: ErrorCode
  headers: Record<string, string>
  /** A problem (RFC 9457). */
  body: string
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const actionMethods = ['GET', 'HEAD', 'POST']
const readMethods = ['GET', 'HEAD']

/** Next cuts off a longer body, then answers a server action with a 500 (`maxBodySize` in next.config.mjs). */
const maxActionBytes = 32 * 1024

/** What a rejection depends on. */
interface RequestStart {
  method?: string | undefined
  url?: string | undefined
  /** The header `origin`. */
  origin: string | undefined
  /** The header `next-action`. */
  action: string | string[] | undefined
  /** The header `content-length`. */
  length?: string | undefined
}

/**
 * Returns the rejection of a request, or null if Next may have it. Rejects paths that do not decode, methods that the
 * path does not have, and server actions that another site sends or that are too large (security S26, S39). Routes below `/api/` do the rest
 * themselves. A POST to a page without the header of a server action is a form: no page has one, and Next answers a
 * damaged one with a 500.
 */
export function rejectRequest(
  { method = '', url = '', origin, action, length }: RequestStart,
  appOrigin: string,
): Rejection | null {
  if (!methods.includes(method)) return methodNotAllowed(methods)
  const path = url.split('?', 1)[0] as string
  if (!isDecodable(path)) return reject(400, 'invalid_request', 'The path cannot be decoded.')
  if (/^\/(api|livez|readyz)(\/|$)/.test(path)) return null
  const isFile = /^\/_next\/|\.[^/]*$/.test(path)
  const allowed = isFile ? readMethods : actionMethods
  if (!allowed.includes(method)) return methodNotAllowed(allowed)
  if (method !== 'POST') return null
  // Next's client passes on nothing but text to the page (lib/browser/attempt.ts).
  const asText = { 'content-type': 'text/plain' }
  if (origin !== appOrigin) return reject(403, 'forbidden_origin', errorTable.forbidden_origin.sentence, asText)
  if (!action) return methodNotAllowed(readMethods)
  return Number(length) > maxActionBytes ? reject(413, 'too_large', errorTable.too_large.sentence, asText) : null
}

/** Whether a request target is a path that decodes: not the absolute form or `*`, which Next takes for a path. */
function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path).startsWith('/')
  } catch {
    return false
  }
}

function methodNotAllowed(allowed: string[]): Rejection {
  return reject(405, 'invalid_request', 'This method is not allowed.', { allow: allowed.join(', ') })
}

function reject(
  status: Rejection['status'],
  code: ErrorCode,
  title: string,
  headers: Record<string, string> = {},
): Rejection {
  return {
    status,
    code,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, code }),
  }
}
