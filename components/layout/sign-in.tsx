'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { startTransition, useState, useTransition } from 'react'
import { callAction } from '@/components/call-action'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { Failure } from '@/lib/browser/attempt'
import type { Result } from '@/lib/result'
import { FailureNotice } from './failure-notice'

interface SignInProps {
  signIn: () => Promise<Result<null>>
  /** The address shows another guest's crop, so a new guest cannot continue it. */
  isOtherGuest?: boolean
}

/** Replaces a page's content for signed-out people. After signing in, the page renders its own content. */
export function SignIn({ signIn, isOtherGuest = false }: SignInProps) {
  const translate = useTranslations('common.signIn')
  const router = useRouter()
  const [failure, setFailure] = useState<Failure | null>(null)
  // This component disappears with the refresh after a sign-in, unless the session cookie did not come back.
  const [isLost, setIsLost] = useState(false)
  const [busy, startSigningIn] = useTransition()

  const enter = () =>
    startSigningIn(async () => {
      setFailure(null)
      setIsLost(false)
      const result = await callAction(signIn, api.signInAsGuest)
      startTransition(() => {
        if (!result.ok) return setFailure(result)
        setIsLost(true)
        router.refresh()
      })
    })

  return (
    <section className="mx-auto max-w-md rounded-card border border-line bg-surface p-6 sm:p-8">
      <h1 className="font-semibold text-2xl tracking-tight">{translate('title')}</h1>
      {isOtherGuest && <p className="mt-2">{translate('otherGuest')}</p>}
      <p className="mt-2 text-muted">{translate('explanation')}</p>
      {/* React replays a form submitted before hydration, so an early click is not lost. */}
      <form action={enter}>
        <Button type="submit" look="primary" size="large" className="mt-6 w-full" busy={busy}>
          {translate('guest')}
        </Button>
      </form>
      {failure && (
        <div className="mt-4">
          <FailureNotice failure={failure} />
        </div>
      )}
      {isLost && !busy && (
        <div className="mt-4">
          <FailureNotice
            failure={{ code: 'unauthorized' }}
            sentence={translate(navigator.cookieEnabled ? 'notKept' : 'cookiesBlocked')}
          />
        </div>
      )}
      <p className="mt-4 text-muted text-sm">{translate('note')}</p>
    </section>
  )
}
