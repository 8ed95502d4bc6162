import 'server-only'
import { randomBytes } from 'node:crypto'
import { toBase32 } from '@/lib/base32'
import { renewSession, writeSession } from './cookie'
import { currentUser } from './current-user'
import type { Identity } from './user'

/**
 * Signs in as a new guest, unless the browser has a session already: a page from before another tab's first upload asks
 * for a guest too, and a new one would lose the other's photos.
 */
export async function ensureGuest(): Promise<void> {
  if (await currentUser()) await renewSession()
  else await writeSession(createGuest())
}

/** Creates a guest with a random subject, which no one can guess. Only the sealed cookie proves it. */
export function createGuest(): Identity {
  const subject = toBase32(randomBytes(20))
  return { issuer: 'guest', subject, name: `Guest ${subject.slice(0, 4).toUpperCase()}` }
}
