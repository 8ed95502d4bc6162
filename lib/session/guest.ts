import 'server-only'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { toBase32 } from '@/lib/base32'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { isSealedWithNewestSecret } from './seal'
import { clearCookie, openSealed, readCookie, readSealed, type SealedCookie, writeCookie } from './sealed-cookie'
import { type Identity, type User, userOf } from './user'

const cookie = {
  name: 'session',
  claims: z.object({ iss: z.literal('guest'), sub: z.string(), name: z.string() }),
} satisfies SealedCookie<z.ZodType>

/** Only this cookie opens a guest's photos, so it lasts long. */
const lifeSeconds = 180 * 24 * 60 * 60

/** Returns the guest of the request, or null. */
export async function readGuest(): Promise<Identity | null> {
  const claims = await readCookie(cookie)
  return claims && { issuer: claims.iss, subject: claims.sub, name: claims.name }
}

/**
 * Returns the guest that this browser was before people of this site got accounts, or null. The guest's photos can come
 * along (lib/images/copy-images.ts).
 */
export async function earlierGuest(): Promise<User | null> {
  if (env().authMode === 'guest') return null
  const guest = await readGuest()
  return guest && userOf(guest)
}

/**
 * Seals the guest's cookie again if it uses an older secret. So guests who return before that secret is removed keep
 * their photos (S31). Only in actions and route handlers.
 */
export async function renewGuest(): Promise<void> {
  const sealed = await readSealed(cookie)
  const claims = await openSealed(cookie, sealed)
  if (sealed && claims && !isSealedWithNewestSecret(sealed)) await writeCookie(cookie, claims, lifeSeconds)
}

/**
 * Signs in as a new guest, unless the browser has a guest already: a page from before another tab's first upload asks
 * for a guest too, and a new one would lose the other's photos.
 * Errors: `not_found` in other modes.
 */
export async function ensureGuest(): Promise<Result<null>> {
  if (env().authMode !== 'guest') return refuse('not_found')
  if (await readGuest()) await renewGuest()
  else await writeGuest(createGuest())
  return ok(null)
}

/** Signs a guest in. Only in actions and route handlers. */
export function writeGuest({ subject, name }: Identity): Promise<void> {
  return writeCookie(cookie, { iss: 'guest', sub: subject, name }, lifeSeconds)
}

/** Makes this browser forget its guest. Only in actions and route handlers. */
export function forgetGuest(): Promise<void> {
  return clearCookie(cookie)
}

/** Creates a guest with a random subject, which no one can guess. Only the sealed cookie proves it. */
export function createGuest(): Identity {
  const subject = toBase32(randomBytes(20))
  return { issuer: 'guest', subject, name: `Guest ${subject.slice(0, 4).toUpperCase()}` }
}
