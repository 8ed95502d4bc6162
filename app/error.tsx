'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import { isChunkGone, reloadOnce } from '@/lib/browser/reload-once'

/** A page that could not be made: nothing is lost, and there is a way on. */
export default function ErrorPage({ error, retry }: { error: Error; retry: () => void }) {
  const translate = useTranslations('site')
  const isGone = isChunkGone(error)
  const [isReloading, setIsReloading] = useState(isGone)
  useEffect(() => {
    if (isGone) setIsReloading(reloadOnce())
  }, [isGone])
  return (
    <main id="main" className="mx-auto w-full max-w-5xl grow px-4 py-8 sm:px-6">
      {!isReloading && (
        <FailureNotice failure={{ code: 'internal' }}>
          {/* The bundler does not ask twice for what it could not load. */}
          <Button onClick={isGone ? () => window.location.reload() : retry}>{translate('tryAgain')}</Button>
        </FailureNotice>
      )}
    </main>
  )
}
