'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import { PickedFile } from './picked-file'
import type { UploadState } from './upload-state'
import { useFocusWhenLost } from './use-focus-when-lost'
import { useSizes } from './use-sizes'

interface TransferProps {
  state: Extract<UploadState, { step: 'starting' | 'sending' | 'waiting' | 'arrived' }>
  onCancel: () => void
}

/** The upload under way. What begins anew says so, so that the bar never falls back in silence. Once all is sent the bar stops counting and says that it waits, instead of standing full. */
export function Transfer({ state, onCancel }: TransferProps) {
  const translate = useTranslations('upload.transfer')
  const sizes = useSizes()
  const cancel = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(cancel)

  const { file, step } = state
  const counting = step === 'sending' && state.fraction < 1
  const fraction = counting ? state.fraction : null
  const says = () => {
    if (step === 'starting') return translate('starting')
    if (step === 'waiting') return translate('waiting', { seconds: state.seconds })
    if (step === 'arrived' || state.fraction >= 1) return translate('processing')
    const progress = sizes.progress(state.fraction, file.size)
    return state.tries > 1 ? translate('again', { progress }) : progress
  }
  const valueText = says()

  return (
    <div className="rounded-card border border-line bg-surface p-5 sm:p-6">
      <PickedFile file={file}>
        <Progress label={translate('bar', { name: file.name })} fraction={fraction} valueText={valueText} />
        <div className="flex min-h-10 flex-wrap items-center justify-between gap-2 text-sm">
          <p className="text-muted tabular-nums">{valueText}</p>
          <Button ref={cancel} size="small" disabled={step === 'arrived'} onClick={onCancel}>
            {translate('cancel')}
          </Button>
        </div>
      </PickedFile>
    </div>
  )
}
