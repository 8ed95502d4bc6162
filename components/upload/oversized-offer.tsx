'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { Button } from '@/components/ui/button'
import type { FileLimits, Problem } from './check-file'
import { SelectedFile } from './selected-file'
import { useFocusWhenLost } from './use-focus-when-lost'
import { useSizes } from './use-sizes'

interface OversizedOfferProps {
  file: File
  reason: Problem
  limits: FileLimits
  busy: boolean
  onShrink: () => void
}

/** A photo over a limit: names the limit and offers to shrink the photo in the browser. */
export function OversizedOffer({ file, reason, limits, busy, onShrink }: OversizedOfferProps) {
  const translate = useTranslations('upload.oversized')
  const sizes = useSizes()
  const shrink = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(shrink)

  const sentence =
    reason.code === 'too_many_pixels'
      ? translate('too_many_pixels', {
          name: file.name,
          pixels: sizes.pixels(reason.pixels),
          limit: sizes.pixels(limits.maxPixels),
        })
      : translate('too_large', { name: file.name, size: sizes.bytes(file.size), limit: sizes.bytes(limits.maxBytes) })

  return (
    <SelectedFile file={file}>
      <p role="alert">{sentence}</p>
      <Button ref={shrink} look="primary" busy={busy} onClick={onShrink}>
        {translate('shrink')}
      </Button>
    </SelectedFile>
  )
}
