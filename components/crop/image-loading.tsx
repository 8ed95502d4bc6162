'use client'

import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { Size } from '@/lib/images/geometry'

interface ImageLoadingProps {
  url: string
  /** Called with the natural size of the upright image. */
  onLoaded: (natural: Size) => void
  onBroken: () => void
}

/** The image while it loads, in the editor's place. */
export function ImageLoading({ url, onLoaded, onBroken }: ImageLoadingProps) {
  const translate = useTranslations('crop.stage')
  const element = useRef<HTMLImageElement>(null)

  function report(image: HTMLImageElement) {
    if (image.naturalWidth > 0) onLoaded({ width: image.naturalWidth, height: image.naturalHeight })
    else onBroken()
  }

  // The image may have loaded or failed before hydration.
  const reportEarly = useEffectEvent(() => {
    if (element.current?.complete) report(element.current)
  })
  useEffect(() => reportEarly(), [])

  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: a presigned URL of the upload */}
      <img
        ref={element}
        src={url}
        alt=""
        onLoad={(event) => report(event.currentTarget)}
        onError={onBroken}
        className="absolute inset-0 size-full object-cover opacity-40 motion-reduce:invisible"
      />
      <p role="status" className="absolute inset-0 grid place-items-center">
        <span className="flex items-center gap-2.5 rounded-full bg-raised px-4 py-2 text-sm">
          <LoaderCircle aria-hidden className="size-4 animate-spin" />
          <span>{translate('loading')}</span>
        </span>
      </p>
    </>
  )
}
