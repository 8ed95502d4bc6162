import { randomUUID } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'
import { env } from '@/lib/env'
import { requestIdOf, responseHeaders } from '@/lib/host/response-headers'
import { storeOrigins } from '@/lib/images/storage/store-origins'
import { accountCookie, renewAccount } from '@/lib/session/account'
import { cookieName } from '@/lib/session/sealed-cookie'
import { logoOrigin } from '@/lib/site/logo'

/**
 * Adds the host's name, the request id and the security headers (S23, S24) to every response that Next renders.
 * `lib/host/protect-server.ts` adds them to the other responses. Every page, action and route does its own
 * authorization (S30).
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const requestId = requestIdOf(request.headers.get('x-request-id'))
  const nonce = randomUUID()
  const policy = request.nextUrl.pathname.startsWith(workerPath)
    ? workerPolicy
    : contentSecurityPolicy(nonce, await storeOrigins(env()), logoOrigin(env().site))

  const headers = new Headers(request.headers)
  headers.set('x-request-id', requestId)
  headers.set('x-nonce', nonce)
  headers.set('x-address', `${request.nextUrl.pathname}${request.nextUrl.search}`)
  // Next reads the nonce of its own scripts from this header.
  headers.set('content-security-policy', policy)

  const response = NextResponse.next({ request: { headers } })
  for (const [name, value] of Object.entries(responseHeaders(env(), requestId))) response.headers.set(name, value)
  response.headers.set('content-security-policy', policy)
  const renewed = await renewedSession(request)
  if (renewed) response.cookies.set(renewed.name, renewed.value, renewed.options)
  return response
}

/**
 * Returns the cookie that prolongs the session of a person in use, or null. Pages cannot set cookies. Not while the
 * person signs in or out, which sets another one.
 */
async function renewedSession({ nextUrl: { pathname }, cookies }: NextRequest) {
  if (/^\/(_next|sign-in|api\/sessions?)(\/|$)/.test(pathname)) return null
  const sealed = cookies.get(cookieName(accountCookie))?.value
  return sealed ? renewAccount(sealed) : null
}

/** The scripts that Next starts workers with. */
const workerPath = '/_next/static/chunks/turbopack-worker-'

/**
 * A worker has the policy of its own script. It may compile WebAssembly, which pages never may, and loads only files of
 * the build.
 */
const workerPolicy = [
  `default-src 'none'`,
  `script-src 'self' 'wasm-unsafe-eval'`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ')

function contentSecurityPolicy(nonce: string, origins: string[], logo = ''): string {
  const store = origins.join(' ')
  return [
    `default-src 'self'`,
    // React's development build needs eval to show server stacks.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${env().isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Style attributes contain positions and sizes of images.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' blob: data: ${store} ${logo}`.trimEnd(),
    `connect-src 'self' ${store}`,
    `font-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
