'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

/** Reloads the page after the session has ended. The page then asks to sign in and keeps its address (U26). */
export function SignInAgain({ size }: { size?: 'small' }) {
  const translate = useTranslations('errors')
  return (
    <Button size={size} onClick={() => window.location.reload()}>
      {translate('signIn')}
    </Button>
  )
}
