import 'server-only'
import { z } from 'zod'
import { env } from '@/lib/env'
import { epochForSignIn, isCurrentEpoch } from './epoch'
import { isSealedWithNewestSecret } from './seal'
import { clearCookie, openSealed, readCookie, type SealedCookie, sealCookie, writeCookie } from './sealed-cookie'
import { storeSeconds } from './time'
import { type Identity, userOf } from './user'

/** The session of a person who signed in at a provider. Times are the store's, in seconds. */
export const accountCookie = {
  name: 'account',
  claims: z.object({
    iss: z.string(),
    sub: z.string(),
    name: z.string(),
    email: z.string().optional(),
    epoch: z.string(),
    /** When the person signed in. */
    since: z.number(),
    /** When this cookie was sealed. */
    iat: z.number().optional(),
  }),
} satisfies SealedCookie<z.ZodType>

type Claims = z.infer<typeof accountCookie.claims>

/** A session without use ends after this time. */
const idleSeconds = 8 * 60 * 60
/** A session in use is sealed again when it is this old. */
const renewAfterSeconds = 30 * 60

/** Returns the person of the request, or null. @throws if the store does not answer */
export async function readAccount(): Promise<Identity | null> {
  const claims = await readCookie(accountCookie)
  if (!claims || remainingSeconds(claims) <= 0) return null
  const identity = { issuer: claims.iss, subject: claims.sub, name: claims.name, email: claims.email }
  return (await isCurrentEpoch(userOf(identity).uid, claims.epoch)) ? identity : null
}

/** Signs a person in. Only in actions and route handlers. */
export async function startAccount({ issuer: iss, subject: sub, name, email }: Identity): Promise<void> {
  const epoch = await epochForSignIn(userOf({ issuer: iss, subject: sub, name }).uid)
  const claims = { iss, sub, name, email, epoch, since: storeSeconds() }
  await writeCookie(accountCookie, claims, lifeSeconds(claims))
}

/** Signs out in this browser. Only in actions and route handlers. */
export function endAccount(): Promise<void> {
  return clearCookie(accountCookie)
}

/**
 * Returns the cookie that prolongs a session in use, or null if it need not be sealed again. Does not check the epoch:
 * the session keeps its own.
 * @param sealed the cookie of the request
 */
export async function renewAccount(sealed: string) {
  const claims = await openSealed(accountCookie, sealed)
  if (!claims || remainingSeconds(claims) <= 0) return null
  const isFresh = storeSeconds() - (claims.iat ?? 0) < renewAfterSeconds && isSealedWithNewestSecret(sealed)
  return isFresh ? null : sealCookie(accountCookie, claims, lifeSeconds(claims))
}

const lifeSeconds = (claims: Claims) => Math.min(idleSeconds, remainingSeconds(claims))

/** How long a session may still last, however often it is used. */
function remainingSeconds({ since }: Claims): number {
  return since + env().sessionMaxHours * 60 * 60 - storeSeconds()
}
