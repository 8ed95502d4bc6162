'use client'

import { LogOut } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ReactNode, useTransition } from 'react'
import { toast } from 'sonner'
import { callAction } from '@/components/call-action'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { Result } from '@/lib/result'

interface AccountMenuProps {
  name: string
  avatar: ReactNode
  signOut: () => Promise<Result<null>>
}

/** Who is signed in, with their picture, and the way out. */
export function AccountMenu({ name, avatar, signOut }: AccountMenuProps) {
  const translate = useTranslations('common.account')
  const translateError = useTranslations('errors')
  const router = useRouter()
  const [leaving, startLeaving] = useTransition()

  const leave = () =>
    startLeaving(async () => {
      const answer = await callAction(signOut, api.signOut)
      if (answer.ok) router.refresh()
      else toast.error(translateError(answer.code))
    })

  return (
    <div className="ms-auto flex items-center gap-1 sm:gap-3">
      {avatar}
      <bdi className="sr-only max-w-40 truncate text-sm sm:not-sr-only">{name}</bdi>
      <Button look="quiet" className="px-2.5" busy={leaving} onClick={leave}>
        {!leaving && <LogOut aria-hidden className="rtl:-scale-x-100" />}
        <span className="sr-only sm:not-sr-only">{translate('signOut')}</span>
      </Button>
    </div>
  )
}
