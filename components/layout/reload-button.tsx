'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

/** Reloads the page, which keeps its address. After the session has ended, the page then shows the way on (U26). */
export function ReloadButton({ size }: { size?: 'small' }) {
  const translate = useTranslations('errors')
  return (
    <Button size={size} onClick={() => window.location.reload()}>
      {translate('reload')}
    </Button>
  )
}
