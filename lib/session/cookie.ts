import 'server-only'
import { cookies } from 'next/headers'
import { z } from 'zod'
import { env } from '@/lib/env'
import { isSealedWithNewestSecret, seal, unseal } from './seal'
import type { Identity } from './user'

const audience = 'session'
const maxAgeSeconds = 180 * 24 * 60 * 60

const Claims = z.object({ iss: z.string(), sub: z.string(), name: z.string() })

/** `__Host-` binds a cookie to one host name and requires https (RFC 6265bis §4.1.3.2). Development uses http. */
const cookieName = () => (env().isHttps ? '__Host-session' : 'session')

/** Returns the identity in the session cookie of the request, or null. */
export async function readSession(): Promise<Identity | null> {
  const sealed = (await cookies()).get(cookieName())?.value
  if (!sealed) return null
  const claims = Claims.safeParse(await unseal(audience, sealed))
  if (!claims.success) return null
  return { issuer: claims.data.iss, subject: claims.data.sub, name: claims.data.name }
}

/**
 * Seals the session again if it uses an older secret. So people who return before that secret is removed stay signed in
 * (S31). Only in actions and route handlers.
 */
export async function renewSession(): Promise<void> {
  const sealed = (await cookies()).get(cookieName())?.value
  const identity = await readSession()
  if (sealed && identity && !isSealedWithNewestSecret(sealed)) await writeSession(identity)
}

/** Signs a person in by setting the session cookie. Only in actions and route handlers. */
export async function writeSession(identity: Identity): Promise<void> {
  const claims = { iss: identity.issuer, sub: identity.subject, name: identity.name }
  const jar = await cookies()
  jar.set(cookieName(), await seal(audience, claims, maxAgeSeconds), { ...attributes(), maxAge: maxAgeSeconds })
}

/** Signs out in this browser. Only in actions and route handlers. */
export async function clearSession(): Promise<void> {
  const jar = await cookies()
  jar.set(cookieName(), '', { ...attributes(), maxAge: 0 })
}

const attributes = () => ({ httpOnly: true, sameSite: 'lax' as const, secure: env().isHttps, path: '/' })
