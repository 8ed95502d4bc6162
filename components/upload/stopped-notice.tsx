'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useRef, useSyncExternalStore } from 'react'
import { pagePath } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import type { ShownCode } from '@/lib/browser/attempt'
import { SelectedFile, useFocusWhenLost } from './selected-file'
import { storeTrouble } from './store-trouble'
import type { Stop } from './upload-state'

interface StoppedNoticeProps {
  file: File
  stop: Stop
  onRetry: () => void
}

/** A stopped upload: its file, the reason, and the actions that can resolve it. */
export function StoppedNotice({ file, stop, onRetry }: StoppedNoticeProps) {
  const translate = useTranslations('upload.stopped')
  const retry = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(retry)
  const retryButton = (
    <Button ref={retry} look="primary" onClick={onRetry}>
      {translate('retry')}
    </Button>
  )

  return (
    <SelectedFile file={file}>
      {stop.by === 'person' ? (
        <>
          <p>{translate('cancelled', { name: file.name })}</p>
          {retryButton}
        </>
      ) : (
        <Failed name={file.name} stop={stop} retry={retryButton} />
      )}
    </SelectedFile>
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
  const isOffline = code === 'unreachable' && !online

  const sentence = () => {
    if (isOffline) return translate('offline', { name })
    if (code === 'unauthorized') return translate('unauthorized', { name })
    return trouble ? translateStore(trouble.sentence, { name }) : undefined
  }

  return (
    <FailureNotice failure={{ code }} sentence={sentence()}>
      {retry}
      {/* In new tabs, because only this page has the file. */}
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

/** Whether the browser has a network. True on the server and in the first render. */
function useOnline(): boolean {
  return useSyncExternalStore(
    subscribeToNetwork,
    () => navigator.onLine,
    () => true,
  )
}

function subscribeToNetwork(onChange: () => void): () => void {
  window.addEventListener('online', onChange)
  window.addEventListener('offline', onChange)
  return () => {
    window.removeEventListener('online', onChange)
    window.removeEventListener('offline', onChange)
  }
}
