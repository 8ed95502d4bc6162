'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import type { Collection } from '@/lib/images/collections'
import { StoppedNotice } from './stopped-notice'
import { retryReason } from './store-trouble'
import type { Accepted } from './upload-state'
import { useFocusWhenLost } from './use-focus-when-lost'
import { useSizes } from './use-sizes'

interface TransferStripProps {
  state: Accepted
  collection: Collection
  onCancel: () => void
  onRetry: () => void
  onChooseAnother: (files: readonly File[]) => void
}

/**
 * The upload behind the editor: a thin bar while it runs, the reason and a way on if it stopped, nothing once it has
 * arrived. A retry is labelled, so that the bar never falls back without a reason.
 */
export function TransferStrip({ state, onCancel, ...stopped }: TransferStripProps) {
  const translate = useTranslations('upload.transfer')
  const sizes = useSizes()
  if (state.step === 'arrived') return null
  if (state.step === 'stopped') return <StoppedNotice file={state.file} stop={state.stop} {...stopped} />

  const { file, step } = state
  const fraction = step === 'sending' && state.fraction < 1 ? state.fraction : null
  const describe = () => {
    if (step === 'starting') return translate('starting')
    if (step === 'waiting') return translate('waiting', { reason: retryReason(state.failure), seconds: state.seconds })
    if (state.fraction >= 1) return translate('processing')
    const progress = sizes.progress(state.fraction, file.size)
    return state.tries > 1 ? translate('again', { progress }) : progress
  }
  const valueText = describe()

  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 grow">
        <Progress label={translate('bar', { name: file.name })} fraction={fraction} valueText={valueText} />
        <p className="mt-1 truncate text-xs tabular-nums">{valueText}</p>
      </div>
      <CancelButton onCancel={onCancel} />
    </div>
  )
}

/** Takes the focus of "Try again", which it replaces. */
function CancelButton({ onCancel }: { onCancel: () => void }) {
  const translate = useTranslations('upload.transfer')
  const button = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(button)
  return (
    <Button ref={button} size="small" look="quiet" onClick={onCancel}>
      {translate('cancel')}
    </Button>
  )
}
