'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import { SelectedFile, useFocusWhenLost } from './selected-file'
import { retryReason } from './store-trouble'
import type { UploadState } from './upload-state'
import { useSizes } from './use-sizes'

interface TransferProps {
  state: Extract<UploadState, { step: 'converting' | 'starting' | 'sending' | 'waiting' | 'arrived' }>
  onCancel: () => void
}

/**
 * A running upload with its progress, or the conversion before it. A retry is labelled, so that the bar never falls back without a reason. Once
 * every byte is sent, the bar is indeterminate until the store responds.
 */
export function Transfer({ state, onCancel }: TransferProps) {
  const translate = useTranslations('upload.transfer')
  const sizes = useSizes()
  const cancel = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(cancel)

  const { file, step } = state
  const fraction = step === 'sending' && state.fraction < 1 ? state.fraction : null
  const describe = () => {
    if (step === 'converting') return translate('converting')
    if (step === 'starting') return translate('starting')
    if (step === 'waiting') return translate('waiting', { reason: retryReason(state.failure), seconds: state.seconds })
    if (step === 'arrived' || state.fraction >= 1) return translate('processing')
    const progress = sizes.progress(state.fraction, file.size)
    return state.tries > 1 ? translate('again', { progress }) : progress
  }
  const valueText = describe()

  return (
    <SelectedFile file={file}>
      <Progress
        label={translate(step === 'converting' ? 'conversion' : 'bar', { name: file.name })}
        fraction={fraction}
        valueText={valueText}
      />
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-2 text-sm">
        <p className="text-muted tabular-nums">{valueText}</p>
        <Button ref={cancel} size="small" disabled={step === 'arrived'} onClick={onCancel}>
          {translate('cancel')}
        </Button>
      </div>
    </SelectedFile>
  )
}
