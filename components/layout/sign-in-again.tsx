'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

/** The way on where the session is over: the same address again, which asks to sign in before it shows its step (U26). */
export function SignInAgain({ size }: { size?: 'small' }) {
  const translate = useTranslations('errors')
  return (
    <Button size={size} onClick={() => window.location.reload()}>
      {translate('signIn')}
    </Button>
  )
}
