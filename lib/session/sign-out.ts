import 'server-only'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { endAccount } from './account'
import { replaceEpoch } from './epoch'
import { forgetGuest } from './guest'
import { signOutUrl } from './oidc/sign-out'
import type { User } from './user'

/** Signs out in this browser. Only in actions and route handlers. @returns the address to go to next */
export async function signOut(): Promise<string> {
  switch (env().authMode) {
    case 'guest':
      await forgetGuest()
      return '/'
    case 'oidc':
      await endAccount()
      return (await signOutUrl()) ?? '/'
    case 'proxy':
      return env().proxy?.signOutUrl ?? '/'
  }
}

/**
 * Ends all sessions of a person, within 30 seconds on every host (security S32).
 * Errors: `not_found` in modes without sessions of several browsers.
 */
export async function signOutEverywhere({ uid }: User): Promise<Result<null>> {
  if (env().authMode !== 'oidc') return refuse('not_found')
  await replaceEpoch(uid)
  return ok(null)
}
