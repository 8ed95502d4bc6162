'use client'

import { LoaderCircle } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { pagePath } from '@/components/collection-path'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import { diagnoseImage, type ImageFault } from '@/lib/browser/diagnose-image'
import type { Size } from '@/lib/images/geometry'

interface PictureLoadingProps {
  url: string
  /** With the natural size of the upright picture. */
  onLoaded: (natural: Size) => void
  onBroken: () => void
}

/** The picture while it arrives, in the place where it will be edited. */
export function PictureLoading({ url, onLoaded, onBroken }: PictureLoadingProps) {
  const translate = useTranslations('crop.stage')
  const element = useRef<HTMLImageElement>(null)

  function judge(image: HTMLImageElement) {
    if (image.naturalWidth > 0) onLoaded({ width: image.naturalWidth, height: image.naturalHeight })
    else onBroken()
  }

  // The picture may have arrived, or failed, before this code did.
  const judgeEarly = useEffectEvent(() => {
    if (element.current?.complete) judge(element.current)
  })
  useEffect(() => judgeEarly(), [])

  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: the upload itself, straight from the store */}
      <img
        ref={element}
        src={url}
        alt=""
        onLoad={(event) => judge(event.currentTarget)}
        onError={onBroken}
        className="absolute inset-0 m-auto max-h-full max-w-full opacity-40"
      />
      <p role="status" className="absolute inset-0 grid place-items-center">
        <span className="flex items-center gap-2.5 rounded-full border border-line bg-surface px-4 py-2 text-sm">
          <LoaderCircle aria-hidden className="size-4 animate-spin" />
          {translate('loading')}
        </span>
      </p>
    </>
  )
}

/** The picture cannot be shown: says why, as soon as that is known, and what helps. */
export function PictureFailed({ url, onReload }: { url: string; onReload: () => void }) {
  const translate = useTranslations('crop.stage')
  const translateError = useTranslations('errors')
  const collection = useShownCollection()
  const [why, setWhy] = useState<ImageFault | null>(null)

  useEffect(() => {
    let isHere = true
    void diagnoseImage(url).then((found) => isHere && setWhy(found))
    return () => {
      isHere = false
    }
  }, [url])

  return (
    <div role="alert" className="absolute inset-0 grid place-content-center gap-4 overflow-auto p-6 text-center">
      <p className="max-w-prose">
        <strong className="block font-medium text-danger">{translate('failed')}</strong>
        {why && (
          <>
            <span className="mt-1 block text-muted text-sm">{translate(`failedWhy.${why}`)}</span>
            <span className="mt-1 block text-muted text-xs">{translateError('code', { code: why })}</span>
          </>
        )}
      </p>
      <div className="flex flex-wrap justify-center gap-3">
        <Button onClick={onReload}>{translate('reload')}</Button>
        <Button asChild>
          <Link href={pagePath('upload', collection)}>{translate('chooseAnother')}</Link>
        </Button>
      </div>
    </div>
  )
}
