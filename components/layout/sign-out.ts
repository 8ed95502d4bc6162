import { toast } from '@/components/ui/toast'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import { leaveSession } from '@/lib/browser/sign-in'

/** Signs out here and at the provider, and leaves the page. @param failed the text of the notification if that fails */
export async function signOut(failed: string): Promise<void> {
  const result = await attemptWithRetries(api.signOut)
  if (result.ok) leaveSession(result.value.next)
  else toast.error(failed)
}
