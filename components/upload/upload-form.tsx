'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { flushSync } from 'react-dom'
import { useCollectionWords } from '@/components/collection'
import { usePageLock } from '@/components/layout/use-page-lock'
import { toast } from '@/components/ui/toast'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'
import type { Collection } from '@/lib/images/collections'
import type { StartUpload, UploadTicket } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { Announcer } from './announcer'
import { FilePicker } from './file-picker'
import { OversizedOffer } from './oversized-offer'
import { ProblemNotice } from './problem-notice'
import { StoppedNotice } from './stopped-notice'
import { Transfer } from './transfer'
import { hasUnsentFile, isBusy } from './upload-state'
import { useUpload } from './use-upload'

interface UploadFormProps {
  collection: Collection
  /** In bytes. */
  maxUploadBytes: number
  maxPixels: number
  startUpload: (input: StartUpload) => Promise<Result<UploadTicket>>
}

/** Step 1: choose, drop or paste a photo, upload it straight to the store, then open the crop page. */
export function UploadForm({ collection, maxUploadBytes, maxPixels, startUpload }: UploadFormProps) {
  const translate = useTranslations('upload')
  const word = useCollectionWords(collection)
  const router = useRouter()
  const picker = useRef<HTMLInputElement>(null)
  const [largestVariant] = collection.variants
  const limits = { types: collection.types, maxBytes: maxUploadBytes, maxPixels, largestVariant }
  const { state, choose, shrink, retry, cancel } = useUpload({
    collection: collection.name,
    limits,
    startUpload,
    onArrive: (uploadId) => router.push(`/crop/${uploadId}`),
    // Stays on the crop page, whose buttons are at the bottom.
    onLosesMotion: (name) => toast(translate('losesMotion', { name }), { duration: 10_000 }),
  })

  const busy = isBusy(state)
  usePageLock(hasUnsentFile(state))
  const leaveQuestion = translate('leave')
  useEffect(() => (busy ? warnBeforeLeaving(leaveQuestion) : undefined), [busy, leaveQuestion])

  const isFileLost = state.step === 'empty' && state.problem?.code === 'file_changed'
  useEffect(() => {
    // The running upload had the focus, and is gone.
    if (isFileLost && document.activeElement === document.body) picker.current?.focus()
  }, [isFileLost])

  const cancelAndFocusPicker = () => {
    flushSync(cancel)
    picker.current?.focus()
  }

  return (
    <div className="wrap-break-word space-y-6">
      <h1 className="font-semibold text-2xl tracking-tight sm:text-3xl">{word('upload.title')}</h1>
      <Announcer state={state} />
      {'problem' in state && state.problem && <ProblemNotice problem={state.problem} limits={limits} />}
      {state.step === 'stopped' && <StoppedNotice file={state.file} stop={state.stop} onRetry={retry} />}
      {(state.step === 'oversized' || state.step === 'shrinking') && (
        <OversizedOffer
          file={state.file}
          reason={state.reason}
          limits={limits}
          busy={state.step === 'shrinking'}
          onShrink={shrink}
        />
      )}
      {busy || state.step === 'converting' || state.step === 'arrived' ? (
        <Transfer state={state} onCancel={cancelAndFocusPicker} />
      ) : (
        <FilePicker
          ref={picker}
          limits={limits}
          hasFile={'file' in state}
          checking={state.step === 'checking'}
          onFiles={choose}
        />
      )}
    </div>
  )
}
