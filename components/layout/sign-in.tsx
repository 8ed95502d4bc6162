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
}

/** Replaces a page's content for signed-out people. After signing in, the page renders its own content. */
export function SignIn({ signIn }: SignInProps) {
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
    <section className="mx-auto flex max-w-md flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate('title')}</h1>
      <p className="mt-3 text-balance text-muted">{translate('explanation')}</p>
      {/* React replays a form submitted before hydration, so an early click is not lost. */}
      <form action={enter}>
        <Button type="submit" look="primary" size="large" className="mt-8" busy={busy}>
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
      <p className="mt-8 text-balance text-muted text-sm">{translate('note')}</p>
    </section>
  )
}
