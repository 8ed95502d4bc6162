'use client'

import { useTranslations } from 'next-intl'
import { FailureNotice } from '@/components/failure-notice'
import { Button } from '@/components/ui/button'

/** A page that could not be made: nothing is lost, and there is a way on. */
export default function ErrorPage({ retry }: { retry: () => void }) {
  const translate = useTranslations('site')
  return (
    <main id="main" className="mx-auto w-full max-w-5xl grow px-4 py-8 sm:px-6">
      <FailureNotice failure={{ code: 'internal' }}>
        <Button onClick={retry}>{translate('tryAgain')}</Button>
      </FailureNotice>
    </main>
  )
}
