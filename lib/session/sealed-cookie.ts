import 'server-only'
import { cookies } from 'next/headers'
import type { z } from 'zod'
import { env } from '@/lib/env'
import { seal, unseal } from './seal'

/** A cookie whose value only hosts with our secrets can read and write. */
export interface SealedCookie<C extends z.ZodType> {
  /** Its name on http, which is also the audience of its seal. */
  name: string
  claims: C
  /** Limits the cookie to requests below this path. */
  path?: string
}

/** A cookie as Next sets it. */
interface CookieToSet {
  name: string
  value: string
  options: { httpOnly: true; sameSite: 'lax'; secure: boolean; path: string; maxAge: number }
}

/**
 * `__Host-` binds a cookie to one host name, and requires https and the path `/` (RFC 6265bis §4.1.3.2). Development uses
 * http.
 */
export function cookieName({ name, path }: Pick<SealedCookie<z.ZodType>, 'name' | 'path'>): string {
  if (!env().isHttps) return name
  return path ? `__Secure-${name}` : `__Host-${name}`
}

/** Returns the sealed text of a cookie of the request, or null. */
export async function readSealed(cookie: SealedCookie<z.ZodType>): Promise<string | null> {
  return (await cookies()).get(cookieName(cookie))?.value || null
}

/** Returns the claims of a sealed text; null if it was changed, has expired, or is for another cookie. */
export async function openSealed<C extends z.ZodType>(
  { name, claims }: SealedCookie<C>,
  sealed: string | null,
): Promise<z.output<C> | null> {
  if (!sealed) return null
  return claims.safeParse(await unseal(name, sealed)).data ?? null
}

/** Returns the claims of a cookie of the request, or null. */
export async function readCookie<C extends z.ZodType>(cookie: SealedCookie<C>): Promise<z.output<C> | null> {
  return openSealed(cookie, await readSealed(cookie))
}

/** Seals claims into a cookie. */
export async function sealCookie<C extends z.ZodType>(
  cookie: SealedCookie<C>,
  claims: z.input<C>,
  lifeSeconds: number,
): Promise<CookieToSet> {
  const value = await seal(cookie.name, claims as Record<string, unknown>, lifeSeconds)
  return { name: cookieName(cookie), value, options: options(cookie, lifeSeconds) }
}

/** Seals claims into a cookie of the response. Only in actions and route handlers. */
export async function writeCookie<C extends z.ZodType>(
  cookie: SealedCookie<C>,
  claims: z.input<C>,
  lifeSeconds: number,
): Promise<void> {
  const { name, value, options } = await sealCookie(cookie, claims, lifeSeconds)
  const jar = await cookies()
  jar.set(name, value, options)
}

/** Removes a cookie from the browser. Only in actions and route handlers. */
export async function clearCookie(cookie: SealedCookie<z.ZodType>): Promise<void> {
  const jar = await cookies()
  jar.set(cookieName(cookie), '', options(cookie, 0))
}

function options({ path = '/' }: SealedCookie<z.ZodType>, maxAge: number): CookieToSet['options'] {
  return { httpOnly: true, sameSite: 'lax', secure: env().isHttps, path, maxAge }
}
