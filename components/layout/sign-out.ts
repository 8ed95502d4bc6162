import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import { leaveSession } from '@/lib/browser/sign-in'

/** Signs out here and at the provider, and leaves the page. @returns false if that failed */
export async function signOut(): Promise<boolean> {
  const result = await attemptWithRetries(api.signOut)
  if (result.ok) leaveSession(result.value.next)
  return result.ok
}
