import 'server-only'
import { randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import type { Identity } from './user'

/** Creates a guest with a random subject, which no one can guess. Only the sealed cookie proves it. */
export function createGuest(): Identity {
  const subject = toBase32(randomBytes(20))
  return { issuer: 'guest', subject, name: `Guest ${subject.slice(0, 4).toUpperCase()}` }
}
