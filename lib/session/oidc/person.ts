import 'server-only'
import { z } from 'zod'
import type { Identity } from '@/lib/session/user'
import type { OidcEnv } from '@/lib/sign-in-env'

/** Some providers send a text where the standard has a boolean. */
const bool = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
const text = z.string().optional().catch(undefined)

/** The claims that the app reads (OpenID Connect Core §5.1). A claim of the wrong type counts as missing. */
const Claims = z.looseObject({
  iss: z.string(),
  // The standard's limit (OpenID Connect Core §2). A session cookie has room for it.
  sub: z.string().min(1).max(255),
  name: text,
  preferred_username: text,
  email: text,
  email_verified: bool.optional().catch(undefined),
  locale: text,
})

/** What a provider says about a person. */
export interface Person {
  identity: Identity
  /** The whole address. The identity has the start of a long one. */
  email: string | undefined
  isEmailVerified: boolean
  groups: string[]
  /** A language tag. */
  locale: string | undefined
}

/** Why a person may not sign in. */
export type NotAllowed = 'not_verified' | 'not_allowed'

/** The longest name and address that a session cookie keeps. */
const maxText = 200

/** Reads the claims of a person. @throws ZodError without issuer or subject */
export function toPerson(claims: unknown, { groupsClaim }: Pick<OidcEnv, 'groupsClaim'>): Person {
  const read = Claims.parse(claims)
  const { iss: issuer, sub: subject, email, locale } = read
  const name = read.name || read.preferred_username || email?.split('@')[0] || subject
  return {
    identity: { issuer, subject, name: toShow(name) || subject, email: email && toShow(email) },
    email,
    isEmailVerified: read.email_verified === true,
    groups: toGroups(read[groupsClaim]),
    locale,
  }
}

/** Control characters and halves of characters have no look, and are six characters long in a cookie. */
function toShow(text: string): string {
  return text.slice(0, maxText).replace(/[\p{Cc}\p{Cs}]/gu, '')
}

/**
 * Adds the claims of the UserInfo endpoint that an ID token lacks. Whether an address is verified says nothing about
 * another address.
 */
export function addClaims(claims: Record<string, unknown>, info: Record<string, unknown>): Record<string, unknown> {
  const { email_verified, ...others } = info
  const isSameEmail = !('email' in claims) || claims.email === info.email
  return { ...(isSameEmail && { email_verified }), ...others, ...claims }
}

/** Some providers send one group as a text. */
function toGroups(claim: unknown): string[] {
  return z.union([z.array(z.string()), z.string().transform((group) => [group])]).safeParse(claim).data ?? []
}

/**
 * Returns why a person may not sign in, or null. An address counts only if the provider has verified it: otherwise a
 * person of another company could claim an address of this one.
 */
export function findRefusal(
  { email, isEmailVerified, groups }: Person,
  { allowedDomains, allowedGroups }: Pick<OidcEnv, 'allowedDomains' | 'allowedGroups'>,
): NotAllowed | null {
  if (allowedGroups && !groups.some((group) => allowedGroups.includes(group))) return 'not_allowed'
  if (!allowedDomains) return null
  const domain = domainOf(email)
  if (domain === null || !allowedDomains.includes(domain)) return 'not_allowed'
  return isEmailVerified ? null : 'not_verified'
}

/** Returns the domain of an e-mail address in lower case, or null if it is not a plain address. */
function domainOf(email: string | undefined): string | null {
  return /^[^@\s"]+@([^@\s"]+)$/.exec(email ?? '')?.[1]?.toLowerCase() ?? null
}
