'use client'

import { useFormatter, useTranslations } from 'next-intl'
import type { UploadState } from './upload-state'

/**
 * Says to screen readers how the upload goes: at its start, at each quarter and at its end.
 * Failures are alerts of their own and are not said twice.
 */
export function Announcer({ state }: { state: UploadState }) {
  const translate = useTranslations('upload.announce')
  const format = useFormatter()

  const sentence = () => {
    if (state.step === 'arrived') return translate('processing')
    if (state.step === 'starting') return translate('start', { name: state.file.name })
    if (state.step === 'stopped' && state.stop.by === 'person') return translate('cancelled', { name: state.file.name })
    if (state.step === 'waiting') return translate('again')
    if (state.step !== 'sending') return ''
    const quarter = Math.floor(state.fraction * 4) / 4
    // Not said once more: a region that says the same stays silent.
    if (quarter === 0) return state.tries > 1 ? translate('again') : translate('start', { name: state.file.name })
    if (quarter === 1) return translate('processing')
    return translate('quarter', { percent: format.number(quarter, { style: 'percent' }) })
  }

  // Spoken when it changes, so it holds nothing that changes more often than it should be said.
  return (
    <p role="status" className="sr-only">
      {sentence()}
    </p>
  )
}
