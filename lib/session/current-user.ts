import 'server-only'
import { cache } from 'react'
import { ok, type Result, refuse } from '@/lib/result'
import { readSession, renewSession } from './cookie'
import { requireOwnOrigin } from './origin'
import { type User, userOf } from './user'

/**
 * Who is asking, or null. The only door to a user: pages, actions and routes each call it themselves (security S30).
 * Another auth mode is another source of an identity here.
 */
export const currentUser = cache(async (): Promise<User | null> => {
  const identity = await readSession()
  return identity && userOf(identity)
})

/** The user of a reading request, or `unauthorized`. */
export async function requireUser(): Promise<Result<User>> {
  const user = await currentUser()
  return user ? ok(user) : refuse('unauthorized')
}

/** The user of a writing request: from our own pages, and signed in. */
export async function requireWriter(): Promise<Result<User>> {
  const origin = await requireOwnOrigin()
  if (!origin.ok) return origin
  const user = await requireUser()
  if (user.ok) await renewSession()
  return user
}
