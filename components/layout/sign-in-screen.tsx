'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { buttonLook } from '@/components/ui/button'
import { signInHref } from '@/lib/browser/sign-in'

/** Replaces a page that needs a person: goes to the provider, which leads back to this page. */
export function SignInScreen() {
  const translate = useTranslations('session')
  const search = useSearchParams().toString()
  const path = usePathname()
  const href = signInHref(path === '/sign-in' ? path : search ? `${path}?${search}` : path)
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
