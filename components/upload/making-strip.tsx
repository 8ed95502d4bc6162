'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { flushSync } from 'react-dom'
import { focusHeading } from '@/components/layout/focus-heading'
import { Button } from '@/components/ui/button'
import { ProgressLine } from './progress-line'
import type { Choosing } from './upload-state'
import { useFocusWhenLost } from './use-focus-when-lost'

interface MakingStripProps {
  state: Extract<Choosing, { step: 'converting' | 'shrinking' }>
  onCancel: () => void
}

/** A photo that the browser converts or makes smaller before the editor can show it. */
export function MakingStrip({ state: { step, file }, onCancel }: MakingStripProps) {
  const translate = useTranslations('upload.transfer')
  const opener = useRef(document.activeElement)
  const cancel = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(cancel)

  const cancelAndReturnFocus = () => {
    flushSync(onCancel)
    if (opener.current instanceof HTMLElement) opener.current.focus()
    // A question that is gone may have opened it.
    focusHeading()
  }
  return (
    <ProgressLine
      label={translate(step === 'converting' ? 'conversion' : 'reduction', { name: file.name })}
      fraction={null}
      text={translate(step)}
    >
      <Button ref={cancel} size="small" look="quiet" onClick={cancelAndReturnFocus}>
        {translate('cancelMaking')}
      </Button>
    </ProgressLine>
  )
}
