'use client'

import { LogOut } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { toast } from '@/components/ui/toast'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries } from '@/lib/browser/attempt'
import { leaveSession } from '@/lib/browser/sign-in'

/** Signs out here, and at the provider. */
export function SignOutButton({ className }: { className: string }) {
  const translate = useTranslations('session')
  const [isBusy, setIsBusy] = useState(false)

  async function signOut() {
    setIsBusy(true)
    const result = await attemptWithRetries(api.signOut)
    if (result.ok) return leaveSession(result.value.next)
    setIsBusy(false)
    toast.error(translate('signOutFailed'), { action: { label: translate('tryAgain'), onClick: signOut } })
  }

  return (
    <button type="button" className={className} aria-busy={isBusy || undefined} onClick={isBusy ? undefined : signOut}>
      <LogOut aria-hidden className="rtl:-scale-x-100" />
      <span>{translate('signOut')}</span>
    </button>
  )
}
