'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { retryReason } from './store-trouble'
import type { Accepted, Choosing } from './upload-state'

interface AnnouncerProps {
  choosing: Choosing | null
  /** Null once the upload is over and needs no more words: they would stay on the pages that follow. */
  accepted: Accepted | null
  isEditing: boolean
}

/**
 * Announces an upload to screen readers: its start, each quarter and its end.
 * Failures have alerts of their own and are not repeated here.
 */
export function Announcer({ choosing, accepted, isEditing }: AnnouncerProps) {
  const translate = useTranslations('upload.announce')
  const format = useFormatter()

  const sentence = () => {
    if (choosing?.step === 'converting') return translate('convert', { name: choosing.file.name })
    if (choosing?.step === 'shrinking') return translate('shrink', { name: choosing.file.name })
    if (accepted === null) return ''
    const { step, file } = accepted
    if (step === 'arrived') return isEditing ? translate('processing') : translate('unsaved', { name: file.name })
    if (step === 'starting') return translate('start', { name: file.name })
    if (step === 'stopped') return accepted.stop.by === 'person' ? translate('cancelled', { name: file.name }) : ''
    if (step === 'waiting') return translate('again', { reason: retryReason(accepted.failure) })
    const quarter = Math.floor(accepted.fraction * 4) / 4
    // An unchanged sentence is not announced twice.
    if (quarter === 0)
      return accepted.tries > 1 ? translate('again', { reason: 'other' }) : translate('start', { name: file.name })
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
