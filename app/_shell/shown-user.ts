import 'server-only'
import { cache } from 'react'
import { currentIdentity } from '@/lib/session/current-user'
import { type Identity, type User, userOf } from '@/lib/session/user'

/**
 * Returns the person that header and footer show, or null. Also null while the store cannot say whether their session is
 * valid: the page itself reports that, and gives nothing away.
 */
export const shownUser = cache(async (): Promise<(User & Pick<Identity, 'email'>) | null> => {
  const identity = await currentIdentity().catch(() => null)
  return identity && { ...userOf(identity), email: identity.email }
})
