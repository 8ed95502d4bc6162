import 'server-only'
import { headers } from 'next/headers'
import { cache } from 'react'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { readSession, renewSession } from './cookie'
import { requireOwnOrigin } from './origin'
import { readProxyIdentity } from './proxy/read-identity'
import { type User, userOf } from './user'

/**
 * Returns the user of the request, or null. Every page, action and route calls this itself, and nothing else identifies
 * users (security S30). A new auth mode adds its source of identities here.
 */
export const currentUser = cache(async (): Promise<User | null> => {
  const identity = await (env().authMode === 'proxy' ? readProxyIdentity(await headers()) : readSession())
  return identity && userOf(identity)
})

/** Returns the user of a reading request, or `unauthorized`. */
export async function requireUser(): Promise<Result<User>> {
  const user = await currentUser()
  return user ? ok(user) : refuse('unauthorized')
}

/** Returns the user of a writing request, `forbidden_origin` if it is not from our own pages, or `unauthorized`. */
export async function requireWriter(): Promise<Result<User>> {
  const origin = await requireOwnOrigin()
  if (!origin.ok) return origin
  const user = await requireUser()
  if (user.ok) await renewSession()
  return user
}
