'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { pagePath } from '@/components/collection-path'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import type { ShownCode } from '@/lib/browser/attempt'
import { PickedFile } from './picked-file'
import { storeTrouble } from './store-trouble'
import type { Stop } from './upload-state'
import { useFocusWhenLost } from './use-focus-when-lost'
import { useOnline } from './use-online'

interface StoppedNoticeProps {
  file: File
  stop: Stop
  onRetry: () => void
}

/** An upload that stands still: the file that is kept, why it stopped, and the ways on. */
export function StoppedNotice({ file, stop, onRetry }: StoppedNoticeProps) {
  const translate = useTranslations('upload.stopped')
  const retry = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(retry)
  const again = (
    <Button ref={retry} look="primary" onClick={onRetry}>
      {translate('retry')}
    </Button>
  )

  return (
    <div className="rounded-card border border-line bg-surface p-5 sm:p-6">
      <PickedFile file={file}>
        {stop.by === 'person' ? (
          <>
            <p>{translate('cancelled', { name: file.name })}</p>
            {again}
          </>
        ) : (
          <Failed name={file.name} stop={stop} retry={again} />
        )}
      </PickedFile>
    </div>
  )
}

interface FailedProps {
  name: string
  stop: Exclude<Stop, { by: 'person' }>
  retry: ReactNode
}

function Failed({ name, stop, retry }: FailedProps) {
  const translate = useTranslations('upload.stopped')
  const translateStore = useTranslations('upload.store')
  const online = useOnline()
  const collection = useShownCollection()

  const trouble = stop.by === 'store' ? storeTrouble(stop.failure) : null
  const code: ShownCode = stop.by === 'host' ? stop.failure.code : storeTrouble(stop.failure).code
  const waits = code === 'unreachable' && !online

  const sentence = () => {
    if (waits) return translate('offline', { name })
    if (code === 'unauthorized') return translate('unauthorized', { name })
    return trouble ? translateStore(trouble.sentence, { name }) : undefined
  }

  return (
    <FailureNotice failure={{ code }} sentence={sentence()}>
      {retry}
      {/* In tabs of their own: this one keeps the file. */}
      {code === 'unauthorized' && <NewTab href={pagePath('upload', collection)}>{translate('signIn')}</NewTab>}
      {code === 'quota' && <NewTab href={pagePath('gallery', collection)}>{translate('gallery')}</NewTab>}
      {trouble?.storeCode && (
        <p className="basis-full text-muted text-xs">{translate('storeCode', { code: trouble.storeCode })}</p>
      )}
    </FailureNotice>
  )
}

function NewTab({ href, children }: { href: string; children: string }) {
  return (
    <Button asChild>
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    </Button>
  )
}
