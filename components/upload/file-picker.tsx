'use client'

import { Camera, ImageUp } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ComponentProps, type Ref, useEffect, useEffectEvent, useId } from 'react'
import { useDropzone } from 'react-dropzone'
import { buttonLook } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { FileLimits } from './check-file'
import { useSizes } from './use-sizes'

interface FilePickerProps {
  ref: Ref<HTMLInputElement>
  limits: FileLimits
  /** A file is chosen already: offers to choose another. */
  hasFile: boolean
  checking: boolean
  /** Called with all files chosen, dropped or pasted, unchecked. */
  onFiles: (files: readonly File[]) => void
}

/** Some browsers can decode HEIC; `checkFile` finds out. */
const heic = ['image/heic', 'image/heif', '.heic', '.heif']

/** Picks a photo: by file dialog, by camera on touch screens, by drop, or by paste anywhere on the page. */
export function FilePicker({ ref, limits, hasFile, checking, onFiles }: FilePickerProps) {
  const translate = useTranslations('upload')
  const sizes = useSizes()
  const limitsId = useId()
  // Drop area only. The file input is our own, so that it has a label and works by keyboard.
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
    // Without this, choosing the same file again fires no change event.
    input.value = ''
    if (files.length > 0) onFiles(files)
  }
  const takeEarly = useEffectEvent(take)
  // Files chosen before hydration fired no event.
  useEffect(() => {
    for (const input of rootRef.current?.querySelectorAll('input') ?? []) takeEarly(input)
  }, [rootRef])

  return (
    <div
      {...getRootProps()}
      className={cn(
        'flex flex-col items-center gap-5 rounded-card border-2 px-5 py-10 text-center transition-colors sm:py-16',
        isDragActive ? 'border-accent border-solid bg-accent-soft' : 'border-control border-dashed bg-surface',
      )}
    >
      <ImageUp aria-hidden className="size-10 text-accent" strokeWidth={1.5} />
      <div className="flex flex-wrap justify-center gap-3">
        <FileButton
          ref={ref}
          look={hasFile ? 'plain' : 'primary'}
          accept={[...limits.types, ...heic].join(',')}
          aria-describedby={limitsId}
          onChange={({ currentTarget }) => take(currentTarget)}
        >
          {translate(hasFile ? 'picker.another' : 'picker.choose')}
        </FileButton>
        <FileButton
          className="hidden pointer-coarse:inline-flex"
          accept="image/*"
          capture="user"
          aria-describedby={limitsId}
          onChange={({ currentTarget }) => take(currentTarget)}
        >
          <Camera aria-hidden />
          <span>{translate('picker.camera')}</span>
        </FileButton>
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

interface FileButtonProps extends ComponentProps<'input'> {
  look?: 'plain' | 'primary'
}

/** A file input that looks like a button. `children` is its label. */
function FileButton({ look, className, children, ...input }: FileButtonProps) {
  const focusRing = 'has-focus-visible:outline-3 has-focus-visible:outline-accent has-focus-visible:outline-offset-2'
  return (
    <label className={cn(buttonLook({ look, size: 'large' }), focusRing, 'relative cursor-pointer', className)}>
      <span className="contents">{children}</span>
      <input type="file" className="sr-only" {...input} />
    </label>
  )
}
