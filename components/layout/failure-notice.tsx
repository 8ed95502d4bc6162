import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Failure } from '@/lib/browser/attempt'

interface FailureNoticeProps {
  failure: Pick<Failure, 'code'>
  /** A more specific sentence than the code's own, such as one with the file's name. */
  sentence?: string | undefined
  /** Buttons that can resolve the failure. */
  children?: ReactNode
}

/**
 * Shows a failure next to what caused it. Only a failure on our side shows its code, for support: any other sentence
 * says all that a person can use (U67).
 */
export function FailureNotice({ failure, sentence, children }: FailureNoticeProps) {
  const translate = useTranslations('errors')
  return (
    <div
      role="alert"
      data-code={failure.code}
      className="rounded-2xl border border-transparent bg-danger-soft p-4 forced-colors:border-current"
    >
      <p className="font-medium text-danger">{sentence ?? translate(failure.code)}</p>
      {failure.code === 'internal' && (
        <p className="mt-1 text-muted text-xs">{translate('code', { code: failure.code })}</p>
      )}
      {children && <div className="mt-3 flex flex-wrap gap-2">{children}</div>}
    </div>
  )
}
