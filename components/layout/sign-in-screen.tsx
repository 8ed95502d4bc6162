'use client'

import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { buttonLook } from '@/components/ui/button'

/** Goes to the provider at once. @param href starts a sign-in */
export function SignInScreen({ href }: { href: string }) {
  const translate = useTranslations('session')
  // Not `assign`: Back would lead here, and here leads to the provider.
  useEffect(() => window.location.replace(href), [href])
  return (
    <section className="mx-auto flex max-w-lg flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate('title')}</h1>
      <p className="mt-3 text-balance text-muted">{translate('going')}</p>
      <a href={href} className={buttonLook({ look: 'primary', size: 'large', className: 'mt-8' })}>
        {translate('button')}
      </a>
    </section>
  )
}
