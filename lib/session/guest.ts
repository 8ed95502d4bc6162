import 'server-only'
import { randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Identity } from './user'

/** A new guest: a random subject that nobody can guess; the sealed cookie is the only proof of it. */
export function createGuest(): Identity {
  const subject = toBase32(randomBytes(20))
  return { issuer: 'guest', subject, name: `Guest ${subject.slice(0, 4).toUpperCase()}` }
}
