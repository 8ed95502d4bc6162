'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

/** Reloads the page after the session has ended. The page then shows the way on and keeps its address (U26). */
export function SignInAgain({ size }: { size?: 'small' }) {
  const translate = useTranslations('errors')
  return (
    <Button size={size} onClick={() => window.location.reload()}>
      {translate('reload')}
    </Button>
  )
}
