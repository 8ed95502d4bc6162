'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { focusHeading } from '@/components/layout/focus-heading'
import { Button } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import { ProgressLine } from './progress-line'
import { StoppedNotice } from './stopped-notice'
import { retryReason } from './store-trouble'
import type { Accepted, Busy } from './upload-state'
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
 * arrived.
 */
export function TransferStrip({ state, onCancel, ...stopped }: TransferStripProps) {
  if (state.step === 'arrived') return <FocusIfLost />
  if (state.step === 'stopped') return <StoppedNotice file={state.file} stop={state.stop} {...stopped} />
  return <TransferProgress state={state} onCancel={onCancel} />
}

/** A running upload. A retry is labelled, so that the bar never falls back without a reason. */
export function TransferProgress({ state, onCancel }: { state: Busy; onCancel?: () => void }) {
  const translate = useTranslations('upload.transfer')
  const sizes = useSizes()
  const { file, step } = state
  const fraction = step === 'sending' && state.fraction < 1 ? state.fraction : null
  const describe = () => {
    if (step === 'starting') return translate('starting')
    if (step === 'waiting') return translate('waiting', { reason: retryReason(state.failure), seconds: state.seconds })
    if (state.fraction >= 1) return translate('processing')
    const progress = sizes.progress(state.fraction, file.size)
    return state.tries > 1 ? translate('again', { progress }) : progress
  }
  return (
    <ProgressLine label={translate('bar', { name: file.name })} fraction={fraction} text={describe()}>
      {onCancel && <CancelButton onCancel={onCancel} />}
    </ProgressLine>
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

/** Moves the focus of "Cancel upload" to the heading. On "Save photo", a late press of Enter would save. */
function FocusIfLost() {
  useEffect(() => {
    if (document.activeElement === document.body) focusHeading()
  }, [])
  return null
}
