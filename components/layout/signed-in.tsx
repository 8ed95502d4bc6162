'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { buttonLook } from '@/components/ui/button'
import { announceSignIn } from '@/lib/browser/sign-in'

/** Shown in the tab that a person opened to sign in again. The other tab continues by itself. */
export function SignedIn() {
  const translate = useTranslations('session.done')
  useEffect(() => {
    announceSignIn()
    // Works in some browsers. The text says what to do in the others.
    window.close()
  }, [])
  return (
    <section className="mx-auto flex max-w-lg flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate('title')}</h1>
      <p className="mt-3 text-balance text-muted">{translate('text')}</p>
      <Link href="/" className={buttonLook({ size: 'large', className: 'mt-8' })}>
        {translate('continue')}
      </Link>
    </section>
  )
}
