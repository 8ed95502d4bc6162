import 'server-only'
import { headers } from 'next/headers'
import { cache } from 'react'
import { type Env, env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { readAccount } from './account'
import { readGuest, renewGuest } from './guest'
import { requireOwnOrigin } from './origin'
import { readProxyIdentity } from './proxy/read-identity'
import { type Identity, type User, userOf } from './user'

/** Where the identity of a request comes from, by mode. */
const sources = {
  guest: readGuest,
  oidc: readAccount,
  proxy: async () => readProxyIdentity(await headers()),
} satisfies Record<Env['authMode'], () => Promise<Identity | null>>

/**
 * Returns the identity of the person who sends the request, or null.
 * @throws if the person's epoch or the keys of the proxy cannot be read
 */
export const currentIdentity = cache((): Promise<Identity | null> => sources[env().authMode]())

/**
 * Returns the user of the request, or null. Every page, action and route calls this itself, and nothing else identifies
 * users (security S30).
 * @throws as `currentIdentity`
 */
export const currentUser = cache(async (): Promise<User | null> => {
  const identity = await currentIdentity()
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
  if (user.ok && env().authMode === 'guest') await renewGuest()
  return user
}
