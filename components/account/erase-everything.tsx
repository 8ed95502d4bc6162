'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { EraseDialog } from './erase-dialog'

/** The button that opens the question. */
export function EraseEverything() {
  const translate = useTranslations('account.erase')
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>{translate('button')}</Button>
      {isOpen && <EraseDialog onClose={() => setIsOpen(false)} />}
    </>
  )
}
