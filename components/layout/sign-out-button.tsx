'use client'

import { LogOut } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useLaterCodeOnPress } from '@/components/later/load-later-code'
import { toast } from '@/components/ui/toast'

/** Signs out here, and at the provider. */
export function SignOutButton({ className }: { className: string }) {
  const translate = useTranslations('session')
  const [isBusy, setIsBusy] = useState(false)
  const loadLater = useLaterCodeOnPress()

  async function signOut() {
    setIsBusy(true)
    const later = await loadLater()
    if (later && (await later.signOut())) return
    setIsBusy(false)
    if (!later) return
    toast.error(translate('signOutFailed'), { action: { label: translate('tryAgain'), onClick: signOut } })
  }

  return (
    <button type="button" className={className} aria-busy={isBusy || undefined} onClick={isBusy ? undefined : signOut}>
      <LogOut aria-hidden className="rtl:-scale-x-100" />
      <span>{translate('signOut')}</span>
    </button>
  )
}
