import 'server-only'
import { createHash } from 'node:crypto'
import { toBase32 } from '@/lib/base32'

/** A signed-in person. */
export interface User {
  /** The person's prefix in the store: 160 bits, base32. */
  uid: string
  name: string
}

/** A person's `iss`, `sub`, `name` and `email`, as in OpenID Connect. */
export interface Identity {
  issuer: string
  subject: string
  name: string
  /** Only to show it to the person. Undefined for guests. */
  email?: string | undefined
}

/**
 * Returns the user of an identity. The uid depends on issuer and subject only, so it is the same on every host and in
 * every session. The issuer's length comes first, so that no two pairs of issuer and subject give the same text.
 */
export function userOf(identity: Identity): User {
  const { issuer, subject } = identity
  const digest = createHash('sha256').update(`${issuer.length}:${issuer}${subject}`).digest()
  return { uid: toBase32(digest.subarray(0, 20)), name: identity.name }
}
