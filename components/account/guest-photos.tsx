'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useId, useRef, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { focusHeading } from '@/components/layout/focus-heading'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { Progress } from '@/components/ui/progress'
import { type BringAlong, useBringAlong } from './use-bring-along'

/** Offers to bring along the photos that the person saved in this browser as a guest. @param count how many */
export function GuestPhotosOffer({ count }: { count: number }) {
  const translate = useTranslations('account.guest')
  const { state, isBusy, bringAlong, erase } = useBringAlong()
  const [isAsking, setIsAsking] = useState(false)
  const section = useRef<HTMLElement>(null)
  const id = useId()
  // The pressed button disappears, and the section too when all is done.
  useEffect(() => {
    if (isBusy) section.current?.focus()
  }, [isBusy])
  useEffect(() => () => void setTimeout(focusHeading), [])
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-labelledby={id}
      className="mb-8 rounded-2xl bg-raised p-5 outline-none ring-1 ring-line ring-inset"
    >
      <h2 id={id} className="font-display font-semibold text-lg">
        {translate('title')}
      </h2>
      {state.step === 'missing' ? (
        <p role="alert" className="mt-1 text-danger">
          {translate('missing', { count: state.missing })}
        </p>
      ) : (
        <p className="mt-1 text-muted">{translate('text', { count })}</p>
      )}
      {isBusy && <Running state={state} />}
      {state.step === 'failed' && <Failed state={state} onRetry={state.work === 'copy' ? bringAlong : erase} />}
      {(state.step === 'asking' || state.step === 'missing') && (
        <div className="mt-4 flex flex-wrap gap-3 max-sm:*:grow">
          {state.step === 'asking' && (
            <Button look="primary" onClick={bringAlong}>
              {translate('bring', { count })}
            </Button>
          )}
          <Button onClick={() => setIsAsking(true)}>{translate('delete')}</Button>
        </div>
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={translate('question', { count })}
        description={translate('deleteText')}
        confirmLabel={translate('deleteConfirm')}
        cancelLabel={translate('cancel')}
        onConfirm={() => {
          setIsAsking(false)
          erase()
        }}
        danger
      />
    </section>
  )
}

interface FailedProps {
  state: Extract<BringAlong, { step: 'failed' }>
  onRetry: () => void
}

function Failed({ state: { work, failure }, onRetry }: FailedProps) {
  const translate = useTranslations('account.guest')
  const isSignedOut = failure.code === 'unauthorized'
  const said = failure.code === 'quota' ? translate('full') : translate(work === 'copy' ? 'notCopied' : 'notDeleted')
  return (
    <div className="mt-4">
      <FailureNotice failure={failure} sentence={isSignedOut ? undefined : said}>
        {isSignedOut ? (
          <SignInAgain size="small" onSignedIn={onRetry} />
        ) : (
          <Button size="small" onClick={onRetry}>
            {translate('continue')}
          </Button>
        )}
      </FailureNotice>
    </div>
  )
}

function Running({ state }: { state: BringAlong }) {
  const translate = useTranslations('account.guest')
  const isCounted = state.step === 'copying' && state.total > 0
  const text = isCounted
    ? translate('progress', { number: Math.min(state.considered + 1, state.total), total: state.total })
    : translate(state.step === 'erasing' ? 'finishing' : 'starting')
  return (
    <div className="mt-4 max-w-md">
      <p className="mb-2 text-sm tabular-nums">{text}</p>
      <Progress
        label={translate('title')}
        fraction={isCounted ? state.considered / state.total : null}
        valueText={text}
      />
      <p className="mt-3 text-muted text-sm">{translate('stay')}</p>
    </div>
  )
}
