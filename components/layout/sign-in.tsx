'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState, useTransition } from 'react'
import { callAction } from '@/components/call-action'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { Failure } from '@/lib/browser/attempt'
import type { Result } from '@/lib/result'
import { FailureNotice } from './failure-notice'

interface SignInProps {
  signIn: () => Promise<Result<null>>
  /** The address is that of a step which somebody has begun, and which a new guest cannot go on with. */
  hasBegun?: boolean
}

/** In place of a step for those who are not signed in, with its heading. Once they are, the page shows its own step. */
export function SignIn({ signIn, hasBegun = false }: SignInProps) {
  const translate = useTranslations('common.signIn')
  const router = useRouter()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [entering, startEntering] = useTransition()

  const enter = () =>
    startEntering(async () => {
      setFailure(null)
      const answer = await callAction(signIn, api.signInAsGuest)
      if (answer.ok) router.refresh()
      else setFailure(answer)
    })

  return (
    <section className="mx-auto max-w-md rounded-card border border-line bg-surface p-6 sm:p-8">
      <h1 className="font-semibold text-2xl tracking-tight">{translate('title')}</h1>
      {hasBegun && <p className="mt-2">{translate('hasBegun')}</p>}
      <p className="mt-2 text-muted">{translate('explanation')}</p>
      {/* A form, since React then keeps a press that comes before the page's scripts, and makes it good. */}
      <form action={enter}>
        <Button type="submit" look="primary" size="large" className="mt-6 w-full" busy={entering}>
          {translate('guest')}
        </Button>
      </form>
      {failure && (
        <div className="mt-4">
          <FailureNotice failure={failure} />
        </div>
      )}
      <p className="mt-4 text-muted text-sm">{translate('note')}</p>
    </section>
  )
}
