'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { Modal } from '@/components/ui/dialog'
import { Progress } from '@/components/ui/progress'
import { leaveSession } from '@/lib/browser/sign-in'
import { useEraseAll } from './use-erase-all'

/** Asks for a word before it erases everything, shows the progress, and ends with the session. */
export function EraseDialog({ onClose }: { onClose: () => void }) {
  const translate = useTranslations('account.erase')
  const { state, run } = useEraseAll()
  const isDone = state.step === 'done'
  const close = () => {
    if (isDone) leaveSession(state.next)
    else if (state.step !== 'erasing') onClose()
  }
  return (
    <Modal role="alertdialog" title={translate(isDone ? 'doneTitle' : 'question')} onCloseRequest={close}>
      {state.step === 'asking' && <Question onConfirm={run} onCancel={onClose} />}
      {state.step === 'erasing' && <Erasing erased={state.erased} />}
      {state.step === 'failed' && (
        <div className="mt-4">
          <FailureNotice failure={state.failure} sentence={translate('failed')}>
            {state.failure.code === 'unauthorized' ? (
              <SignInAgain size="small" onSignedIn={run} />
            ) : (
              <Button size="small" onClick={run}>
                {translate('continue')}
              </Button>
            )}
          </FailureNotice>
        </div>
      )}
      {isDone && (
        <>
          <p role="status" className="mt-3 text-muted">
            {translate('done')}
          </p>
          <div className="mt-7 flex justify-end">
            <Button look="primary" autoFocus onClick={close}>
              {translate('leave')}
            </Button>
          </div>
        </>
      )}
    </Modal>
  )
}

function Question({ onConfirm, onCancel }: { onConfirm: () => void; onCancel: () => void }) {
  const translate = useTranslations('account.erase')
  const [typed, setTyped] = useState('')
  const id = useId()
  const word = translate('word')
  const isRight = typed.trim().toLowerCase() === word.toLowerCase()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isRight) onConfirm()
  }
  return (
    <form onSubmit={submit}>
      <p className="mt-3 text-muted">{translate('what')}</p>
      <p className="mt-3 text-muted text-sm">{translate('caches')}</p>
      <label htmlFor={id} className="mt-5 block font-medium text-sm">
        {translate('label', { word })}
      </label>
      <input
        id={id}
        data-autofocus
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="mt-2 min-h-11 w-full rounded-xl border border-control bg-surface px-3"
      />
      <div className="mt-7 flex flex-wrap justify-end gap-3 max-sm:*:grow">
        <Button onClick={onCancel}>{translate('cancel')}</Button>
        <Button look="danger" type="submit" disabled={!isRight}>
          {translate('confirm')}
        </Button>
      </div>
    </form>
  )
}

function Erasing({ erased }: { erased: number }) {
  const translate = useTranslations('account.erase')
  const text = translate('progress', { erased })
  return (
    <div className="mt-4">
      <p className="mb-2 text-sm tabular-nums">{text}</p>
      <Progress label={translate('title')} fraction={null} valueText={text} />
      <p className="mt-3 text-muted text-sm">{translate('stay')}</p>
    </div>
  )
}
