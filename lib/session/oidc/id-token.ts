import 'server-only'
import { z } from 'zod'
import { clearCookie, readCookie, type SealedCookie, sealCookie, writeCookie } from '@/lib/session/sealed-cookie'

/**
 * The ID token of the session. The provider gets it back at sign-out, so that it does not ask for a confirmation
 * (OpenID Connect RP-Initiated Logout 1.0 §2). It is larger than the session, so only requests to sign out carry it.
 */
const cookie = {
  name: 'id-token',
  claims: z.object({ token: z.string() }),
  path: '/api/session',
} satisfies SealedCookie<z.ZodType>

const lifeSeconds = 7 * 24 * 60 * 60
/** Browsers reject a cookie of more than 4,096 bytes, attributes included (RFC 6265bis §5.6). */
const maxLength = 3_800

/** Keeps the ID token in the browser, unless it is too long. */
export async function keepIdToken(token: string | undefined): Promise<void> {
  if (!token) return
  const { value } = await sealCookie(cookie, { token }, lifeSeconds)
  if (value.length <= maxLength) await writeCookie(cookie, { token }, lifeSeconds)
  else await clearCookie(cookie)
}

/** Returns the ID token, and removes it from the browser. */
export async function takeIdToken(): Promise<string | undefined> {
  const kept = await readCookie(cookie)
  await clearCookie(cookie)
  return kept?.token
}
