'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { pagePath } from '@/components/collection'
import { Button, buttonLook } from '@/components/ui/button'
import { diagnoseImage, type ImageFault } from '@/lib/browser/diagnose-image'
import type { Collection } from '@/lib/images/collections'

interface ImageFailedProps {
  url: string
  /** The photo, if `url` is a file of this browser. */
  file: Blob | undefined
  collection: Collection
  onReload: () => void
}

/** Reports that the image cannot be shown, and the reason once it is diagnosed. */
export function ImageFailed({ url, file, collection, onReload }: ImageFailedProps) {
  const translate = useTranslations('crop.stage')
  const [fault, setFault] = useState<ImageFault | null>(null)

  useEffect(() => {
    let isMounted = true
    void diagnoseImage(url, file).then((diagnosis) => isMounted && setFault(diagnosis))
    return () => {
      isMounted = false
    }
  }, [url, file])

  return (
    <div
      role="alert"
      data-code={fault}
      className="absolute inset-0 grid place-content-center gap-4 overflow-auto p-6 text-center"
    >
      <p className="max-w-prose">
        <strong className="block font-medium text-danger">{translate('failed')}</strong>
        {fault && <span className="mt-1 block text-muted text-sm">{translate(`failedWhy.${fault}`)}</span>}
      </p>
      <div className="flex flex-wrap justify-center gap-3">
        <Button onClick={onReload}>{translate('reload')}</Button>
        <Link href={pagePath('upload', collection)} className={buttonLook()}>
          {translate('chooseAnother')}
        </Link>
      </div>
    </div>
  )
}
