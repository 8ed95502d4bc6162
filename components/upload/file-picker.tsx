'use client'

import { Camera, ImageUp } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type Ref, useEffect, useEffectEvent, useId } from 'react'
import { useDropzone } from 'react-dropzone'
import { buttonLook } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { FileLimits } from './check-file'
import { useSizes } from './use-sizes'

interface FilePickerProps {
  ref: Ref<HTMLInputElement>
  limits: FileLimits
  /** A file is there already, and this chooses another. */
  again: boolean
  checking: boolean
  /** All that was chosen, dropped or pasted, unchecked. */
  onFiles: (files: readonly File[]) => void
}

/** Some browsers can read HEIC; which, the checks find out. */
const heic = ['image/heic', 'image/heif', '.heic', '.heif']

const focusRing =
  'relative has-focus-visible:outline-3 has-focus-visible:outline-accent has-focus-visible:outline-offset-2'

/** One picture by choosing, by camera on touch screens, by drop, or by paste anywhere on the page. */
export function FilePicker({ ref, limits, again, checking, onFiles }: FilePickerProps) {
  const translate = useTranslations('upload')
  const sizes = useSizes()
  const limitsId = useId()
  // The drop area only: choosing is a file input of our own, named by its label and reachable by keyboard.
  const { getRootProps, rootRef, isDragActive } = useDropzone({ onDrop: onFiles, noClick: true, noKeyboard: true })

  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const files = Array.from(event.clipboardData?.files ?? [])
    if (files.length > 0) {
      event.preventDefault()
      onFiles(files)
    }
  })
  useEffect(() => {
    const paste = (event: ClipboardEvent) => onPaste(event)
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [])

  const take = (input: HTMLInputElement) => {
    const files = Array.from(input.files ?? [])
    // So that choosing the same file again is a change again.
    input.value = ''
    if (files.length > 0) onFiles(files)
  }
  const takeEarly = useEffectEvent(take)
  // What was chosen before the page's scripts had come: no event tells of it.
  useEffect(() => {
    for (const input of rootRef.current?.querySelectorAll('input') ?? []) takeEarly(input)
  }, [rootRef])

  return (
    <div
      {...getRootProps()}
      className={cn(
        'flex flex-col items-center gap-5 rounded-card border-2 border-control border-dashed bg-surface px-5 py-10 text-center transition-colors sm:py-16',
        isDragActive && 'border-accent border-solid bg-accent-soft',
      )}
    >
      <ImageUp aria-hidden className="size-10 text-accent" strokeWidth={1.5} />
      <div className="flex flex-wrap justify-center gap-3">
        <label
          className={cn(buttonLook({ look: again ? 'plain' : 'primary', size: 'large' }), focusRing, 'cursor-pointer')}
        >
          {translate(again ? 'picker.another' : 'picker.choose')}
          <input
            ref={ref}
            type="file"
            accept={[...limits.types, ...heic].join(',')}
            aria-describedby={limitsId}
            onChange={({ currentTarget }) => take(currentTarget)}
            className="sr-only"
          />
        </label>
        <label
          className={cn(
            buttonLook({ look: 'plain', size: 'large' }),
            focusRing,
            'hidden cursor-pointer pointer-coarse:inline-flex',
          )}
        >
          <Camera aria-hidden />
          {translate('picker.camera')}
          <input
            type="file"
            accept="image/*"
            capture="user"
            aria-describedby={limitsId}
            onChange={({ currentTarget }) => take(currentTarget)}
            className="sr-only"
          />
        </label>
      </div>
      <div className="space-y-1 text-sm">
        <p className="pointer-coarse:hidden">
          {checking ? translate('picker.checking') : translate(isDragActive ? 'picker.release' : 'picker.drop')}
        </p>
        <p id={limitsId} className="text-balance text-muted">
          {translate('limits', {
            types: sizes.types(limits.types),
            size: sizes.bytes(limits.maxBytes),
            pixels: sizes.pixels(limits.maxPixels),
          })}
        </p>
      </div>
    </div>
  )
}
