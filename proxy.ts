import { randomUUID } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'
import { env } from '@/lib/env'
import { storeOrigins } from '@/lib/images/storage/store-origins'

/**
 * Adds the host's name, the request id and the security headers (S23, S24) to every response. Every page, action and
 * route does its own authorization (S30).
 */
export function proxy(request: NextRequest): NextResponse {
  const received = request.headers.get('x-request-id')
  const requestId = received && /^[\w.-]{8,128}$/.test(received) ? received : randomUUID()
  const nonce = randomUUID()
  const policy = contentSecurityPolicy(nonce)

  const headers = new Headers(request.headers)
  headers.set('x-request-id', requestId)
  headers.set('x-nonce', nonce)
  // Next reads the nonce of its own scripts from this header.
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
    // React's development build needs eval to show server stacks.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${env().isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Style attributes contain positions and sizes of images.
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
