'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent } from 'react'
import { buttonLook } from '@/components/ui/button'
import { hasGuests, onSignIn } from '@/lib/browser/sign-in'
import { ReloadButton } from './reload-button'

interface SignInAgainProps {
  size?: 'small'
  /** Continues what the end of the session interrupted. */
  onSignedIn: () => void
}

/**
 * The way on after a session has ended: signs in again in another tab, because only this page has the file and the edits.
 * Guests reload the page.
 */
export function SignInAgain({ size, onSignedIn }: SignInAgainProps) {
  const translate = useTranslations('session')
  const onSignedInNow = useEffectEvent(onSignedIn)
  useEffect(() => onSignIn(() => onSignedInNow()), [])
  if (hasGuests()) return <ReloadButton size={size} />
  return (
    <>
      <a href="/sign-in" target="_blank" rel="noreferrer" className={buttonLook({ look: 'primary', size })}>
        {translate('again')}
      </a>
      <p className="basis-full text-muted text-xs">{translate('newTab')}</p>
    </>
  )
}
