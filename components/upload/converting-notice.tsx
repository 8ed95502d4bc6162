'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { flushSync } from 'react-dom'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import { SelectedFile } from './selected-file'
import { useFocusWhenLost } from './use-focus-when-lost'

/** A HEIC photo while the browser makes a JPEG of it, before the editor can show it. */
export function ConvertingNotice({ file, onCancel }: { file: File; onCancel: () => void }) {
  const translate = useTranslations('upload.transfer')
  const text = translate('converting')
  const picker = useRef(document.activeElement)
  const cancel = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(cancel)

  const cancelAndReturnFocus = () => {
    flushSync(onCancel)
    if (picker.current instanceof HTMLElement) picker.current.focus()
  }
  return (
    <SelectedFile file={file}>
      <Progress label={translate('conversion', { name: file.name })} fraction={null} valueText={text} />
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <p className="text-muted">{text}</p>
        <Button ref={cancel} size="small" onClick={cancelAndReturnFocus}>
          {translate('cancelConversion')}
        </Button>
      </div>
    </SelectedFile>
  )
}
