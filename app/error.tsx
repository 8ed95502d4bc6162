'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import { isChunkGone, reloadOnce } from '@/lib/browser/reload-once'

/** Shown when a page fails to render. Reloads once if a script chunk of an older build is gone. */
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
          {/* The bundler never requests a failed chunk again, so only a reload helps. */}
          <Button onClick={isGone ? () => window.location.reload() : retry}>{translate('tryAgain')}</Button>
        </FailureNotice>
      )}
    </main>
  )
}
