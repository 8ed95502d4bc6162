'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { retryReason } from './store-trouble'
import type { UploadState } from './upload-state'

interface AnnouncerProps {
  /** Null once the upload is over and needs no more words: they would stay on the pages that follow. */
  state: UploadState | null
}

/**
 * Announces an upload to screen readers: its start, each quarter and its end.
 * Failures have alerts of their own and are not repeated here.
 */
export function Announcer({ state }: AnnouncerProps) {
  const translate = useTranslations('upload.announce')
  const format = useFormatter()

  const sentence = () => {
    if (state === null) return ''
    if (state.step === 'arrived') return translate('processing')
    if (state.step === 'converting') return translate('convert', { name: state.file.name })
    if (state.step === 'starting') return translate('start', { name: state.file.name })
    if (state.step === 'stopped' && state.stop.by === 'person') return translate('cancelled', { name: state.file.name })
    if (state.step === 'waiting') return translate('again', { reason: retryReason(state.failure) })
    if (state.step !== 'sending') return ''
    const quarter = Math.floor(state.fraction * 4) / 4
    // An unchanged sentence is not announced twice.
    if (quarter === 0)
      return state.tries > 1 ? translate('again', { reason: 'other' }) : translate('start', { name: state.file.name })
    if (quarter === 1) return translate('processing')
    return translate('quarter', { percent: format.number(quarter, { style: 'percent' }) })
  }

  // Screen readers announce every change, so the sentence changes at quarters only.
  return (
    <p role="status" className="sr-only">
      {sentence()}
    </p>
  )
}
