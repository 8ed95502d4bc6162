import 'server-only'
import { z } from 'zod'
import type { Identity } from '@/lib/session/user'

/** Verifies the tokens of a proxy. */
export interface Verifier {
  /** Returns the person of a token, or null if it is not valid (security S29). @throws KeysUnavailable */
  verify(token: string): Promise<Identity | null>
  /** Checks that the keys can be loaded. @throws KeysUnavailable */
  check(): Promise<void>
}

/** The clocks of a verifier, for tests. */
export interface ProxyClock {
  /** The time that tokens expire by, in seconds since 1970. */
  nowSeconds?: () => number
  /** A clock that no one sets, in milliseconds. */
  elapsedMs?: () => number
}

/** How far the clock of a signer may be from ours. */
export const toleranceSeconds = 60

const text = z.string().trim().min(1).max(200).optional().catch(undefined)

const Claims = z.object({
  sub: z.string().min(1).max(500),
  name: text,
  preferred_username: text,
  email: text,
})

/** Returns the person of verified claims. Null without a subject: Cloudflare's service tokens have an empty one. */
export function toIdentity(issuer: string, claims: unknown): Identity | null {
  const parsed = Claims.safeParse(claims)
  if (!parsed.success) return null
  const { sub, name, preferred_username: username, email } = parsed.data
  return { issuer, subject: sub, name: name ?? username ?? email?.split('@')[0] ?? sub, email }
}
