'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { pagePath } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button, buttonLook } from '@/components/ui/button'
import type { ShownCode } from '@/lib/browser/attempt'
import { hasGuests } from '@/lib/browser/sign-in'
import type { Collection } from '@/lib/images/collections'
import { acceptOf, FileButton, takeFiles } from './file-button'
import { storeTrouble } from './store-trouble'
import type { Stop } from './upload-state'
import { useFocusWhenLost } from './use-focus-when-lost'
import { useOnline } from './use-online'

interface StoppedNoticeProps {
  file: File
  collection: Collection
  stop: Stop
  onRetry: () => void
  onChooseAnother: (files: readonly File[]) => void
}

/** A stopped upload: its file, the reason, and the actions that can resolve it. */
export function StoppedNotice({ file, collection, stop, onRetry, onChooseAnother }: StoppedNoticeProps) {
  const translate = useTranslations('upload.stopped')
  const retry = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(retry)
  const needsSignIn = stop.by === 'host' && stop.failure.code === 'unauthorized' && !hasGuests()
  const buttons = (
    <>
      {needsSignIn ? (
        <SignInAgain size="small" onSignedIn={onRetry} />
      ) : (
        <Button ref={retry} size="small" look="primary" onClick={onRetry}>
          {translate('retry')}
        </Button>
      )}
      <FileButton
        size="small"
        accept={acceptOf(collection)}
        onChange={({ currentTarget }) => onChooseAnother(takeFiles(currentTarget))}
      >
        {translate('another')}
      </FileButton>
    </>
  )

  if (stop.by !== 'person') return <Failed name={file.name} collection={collection} stop={stop} buttons={buttons} />
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <p className="grow">{translate('cancelled', { name: file.name })}</p>
      {buttons}
    </div>
  )
}

interface FailedProps {
  name: string
  collection: Collection
  stop: Exclude<Stop, { by: 'person' }>
  buttons: ReactNode
}

function Failed({ name, collection, stop, buttons }: FailedProps) {
  const translate = useTranslations('upload.stopped')
  const translateStore = useTranslations('upload.store')
  const online = useOnline()

  const trouble = stop.by === 'store' ? storeTrouble(stop.failure) : null
  const code: ShownCode = stop.by === 'host' ? stop.failure.code : storeTrouble(stop.failure).code
  const isOffline = code === 'unreachable' && !online

  const sentence = () => {
    if (isOffline) return translate('offline', { name })
    // A guest was created a moment ago, and its cookie did not come back.
    if (code === 'unauthorized' && hasGuests()) return translate('cookies')
    return trouble ? translateStore(trouble.sentence, { name }) : undefined
  }

  return (
    <FailureNotice failure={{ code }} sentence={sentence()}>
      {buttons}
      {/* In a new tab, because only this page has the file. */}
      {code === 'quota' && <NewTab href={pagePath('gallery', collection)}>{translate('gallery')}</NewTab>}
      {trouble?.storeCode && (
        <p className="basis-full text-muted text-xs">{translate('storeCode', { code: trouble.storeCode })}</p>
      )}
    </FailureNotice>
  )
}

function NewTab({ href, children }: { href: string; children: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer" className={buttonLook()}>
      {children}
    </a>
  )
}
