'use client'

import { Camera } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useId, useRef } from 'react'
import { usePhotoFlow } from '@/components/flow/flow-context'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import { CameraButton } from './camera-button'
import { acceptOf, FileButton, takeFiles } from './file-button'
import { useSizes } from './use-sizes'

/** The look of a place to drop files. Touch screens have nothing to drop. */
const dropArea =
  'not-pointer-coarse:items-center not-pointer-coarse:rounded-card not-pointer-coarse:border-2 not-pointer-coarse:border-control not-pointer-coarse:border-dashed not-pointer-coarse:px-5 not-pointer-coarse:py-5 not-pointer-coarse:text-center not-pointer-coarse:sm:py-10'

interface FilePickerProps {
  collection: Collection
  /** In bytes. */
  maxBytes: number
  maxPixels: number
}

/** Picks a photo by file dialog, or by camera on touch screens. Files can be dropped and pasted anywhere on the page. */
export function FilePicker({ collection, maxBytes, maxPixels }: FilePickerProps) {
  const translate = useTranslations('upload')
  const { choose, isChecking } = usePhotoFlow()
  const sizes = useSizes()
  const limitsId = useId()
  const root = useRef<HTMLDivElement>(null)

  const take = (input: HTMLInputElement) => {
    const files = takeFiles(input)
    if (files.length > 0) choose(files, collection)
  }
  const takeEarly = useEffectEvent(take)
  // Files chosen before hydration fired no event.
  useEffect(() => {
    for (const input of root.current?.querySelectorAll('input') ?? []) takeEarly(input)
  }, [])

  return (
    <div ref={root} className={cn('flex flex-col gap-4', dropArea)}>
      <div className="flex flex-wrap gap-3 not-pointer-coarse:justify-center pointer-coarse:*:w-full">
        <FileButton
          look="primary"
          accept={acceptOf(collection)}
          aria-describedby={limitsId}
          onChange={({ currentTarget }) => take(currentTarget)}
        >
          {translate('picker.choose')}
        </FileButton>
        <FileButton
          className="not-pointer-coarse:hidden"
          accept="image/*"
          capture="user"
          aria-describedby={limitsId}
          onChange={({ currentTarget }) => take(currentTarget)}
        >
          <Camera aria-hidden />
          <span>{translate('picker.camera')}</span>
        </FileButton>
      </div>
      <CameraButton onPhoto={(file) => choose([file], collection)} />
      <div className="space-y-1 text-sm">
        <p className={cn(!isChecking && 'pointer-coarse:hidden')}>
          {translate(isChecking ? 'picker.checking' : 'picker.drop')}
        </p>
        <p id={limitsId} className="text-balance text-muted">
          {translate('limits', {
            types: sizes.types(collection.types),
            size: sizes.bytes(maxBytes),
            pixels: sizes.pixels(maxPixels),
          })}
        </p>
      </div>
    </div>
  )
}
