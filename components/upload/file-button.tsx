import type { ComponentProps } from 'react'
import { buttonLook } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'

interface FileButtonProps extends Omit<ComponentProps<'input'>, 'size'> {
  size?: 'small' | 'large'
  look?: 'plain' | 'primary'
}

/** A file input that looks like a button. `children` is its label. */
export function FileButton({ look, size = 'large', className, children, ...input }: FileButtonProps) {
  const focusRing = 'has-focus-visible:outline-3 has-focus-visible:outline-accent has-focus-visible:outline-offset-2'
  return (
    <label className={cn(buttonLook({ look, size }), focusRing, 'relative cursor-pointer', className)}>
      <span className="contents">{children}</span>
      <input type="file" className="sr-only" {...input} />
    </label>
  )
}

/** Some browsers can decode HEIC; `checkFile` finds out. */
const heic = ['image/heic', 'image/heif', '.heic', '.heif']

/** Returns the types that the file dialog offers for a collection. */
export const acceptOf = ({ types }: Collection) => [...types, ...heic].join(',')

/** Returns the chosen files and clears the input, so that choosing the same file again fires a change event. */
export function takeFiles(input: HTMLInputElement): File[] {
  const files = Array.from(input.files ?? [])
  input.value = ''
  return files
}
