'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { leaveSession } from '@/lib/browser/sign-in'

/** Ends all sessions of the person, and leaves the page. */
export function SignOutEverywhere() {
  const translate = useTranslations('account.everywhere')
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)

  async function signOut() {
    setIsBusy(true)
    const ended = await attemptWithRetries(api.signOutEverywhere)
    const left = ended.ok ? await attemptWithRetries(api.signOut) : ended
    if (left.ok) return leaveSession(left.value.next)
    setFailure(left)
    setIsBusy(false)
  }

  return (
    <>
      <Button busy={isBusy} onClick={signOut}>
        {translate('button')}
      </Button>
      {failure && (
        <div className="basis-full">
          <FailureNotice failure={failure}>
            {failure.code === 'unauthorized' && <SignInAgain size="small" onSignedIn={signOut} />}
          </FailureNotice>
        </div>
      )}
    </>
  )
}
