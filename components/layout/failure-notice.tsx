'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Failure } from '@/lib/browser/attempt'

interface FailureNoticeProps {
  failure: Pick<Failure, 'code'>
  /** A more specific sentence than the code's own, such as one with the file's name. */
  sentence?: string
  /** Buttons that can resolve the failure. */
  children?: ReactNode
}

/** Shows a failure next to what caused it, with its code for support. */
export function FailureNotice({ failure, sentence, children }: FailureNoticeProps) {
  const translate = useTranslations('errors')
  return (
    <div role="alert" className="rounded-card border border-danger/40 bg-danger-soft p-4">
      <p className="font-medium text-danger">{sentence ?? translate(failure.code)}</p>
      <p className="mt-1 text-muted text-xs">{translate('code', { code: failure.code })}</p>
      {children && <div className="mt-3 flex flex-wrap gap-2">{children}</div>}
    </div>
  )
}
