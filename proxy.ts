import { randomUUID } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'
import { env } from '@/lib/env'
import { storeOrigins } from '@/lib/images/storage/store-origins'

/**
 * What every response bears: who served it, the request's id, and the headers of security S23 and S24.
 * It decides nothing: authorisation stands in every page, action and route (S30).
 */
export function proxy(request: NextRequest): NextResponse {
  const given = request.headers.get('x-request-id')
  const requestId = given && /^[\w.-]{8,128}$/.test(given) ? given : randomUUID()
  const nonce = randomUUID()
  const policy = contentSecurityPolicy(nonce)

  const headers = new Headers(request.headers)
  headers.set('x-request-id', requestId)
  headers.set('x-nonce', nonce)
  // Next reads the nonce for its own scripts from here.
  headers.set('content-security-policy', policy)

  const response = NextResponse.next({ request: { headers } })
  response.headers.set('x-served-by', env().hostName)
  response.headers.set('x-request-id', requestId)
  response.headers.set('content-security-policy', policy)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('referrer-policy', 'same-origin')
  response.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=()')
  return response
}

function contentSecurityPolicy(nonce: string): string {
  const store = storeOrigins(env()).join(' ')
  return [
    `default-src 'self'`,
    // React's development build evaluates code to show server stacks; production does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${env().isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Style attributes carry positions and sizes of pictures.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' blob: data: ${store}`,
    `connect-src 'self' ${store}`,
    `font-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
