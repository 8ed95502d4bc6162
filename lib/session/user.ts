import 'server-only'
import { createHash } from 'node:crypto'
import { toBase32 } from '@/lib/base32'

/** Who is asking. */
export interface User {
  /** The person's prefix in the store: 160 bits, base32. */
  uid: string
  name: string
}

/** Whoever vouches for a person, and what they call them: `iss` and `sub` of OpenID Connect. */
export interface Identity {
  issuer: string
  subject: string
  name: string
}

/** The user of an identity: the same on every host and in every session, for it hangs on issuer and subject alone. */
export function userOf(identity: Identity): User {
  const digest = createHash('sha256').update(`${identity.issuer}\n${identity.subject}`).digest()
  return { uid: toBase32(digest.subarray(0, 20)), name: identity.name }
}
