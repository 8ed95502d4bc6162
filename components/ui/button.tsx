import { LoaderCircle } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn'

const base =
  'inline-flex select-none items-center justify-center gap-2 rounded-full border text-center font-medium leading-tight transition-[color,background-color,border-color,scale] duration-150 ease-out active:not-disabled:not-aria-disabled:scale-[0.98] disabled:opacity-50 aria-disabled:opacity-50 forced-colors:disabled:border-[GrayText] forced-colors:disabled:text-[GrayText] forced-colors:disabled:opacity-100 forced-colors:aria-disabled:border-[GrayText] forced-colors:aria-disabled:text-[GrayText] forced-colors:aria-disabled:opacity-100 [&_svg]:size-[1.15em] [&_svg]:shrink-0'

const looks = {
  primary: 'border-transparent bg-accent text-accent-ink hover:bg-accent/90',
  plain: 'border-control/60 bg-surface text-ink hover:border-control hover:bg-raised',
  quiet: 'border-transparent text-ink hover:bg-raised',
  danger: 'border-transparent bg-danger text-danger-ink hover:bg-danger/90',
  /** On a notification, which has the colours of text and page exchanged. */
  inverse: 'border-transparent hover:bg-canvas/15 focus-visible:outline-canvas',
}

const sizes = {
  small: 'min-h-8 px-3.5 text-sm pointer-coarse:min-h-11',
  medium: 'min-h-10 px-5 text-sm pointer-coarse:min-h-11',
  large: 'min-h-12 px-7 text-base',
  icon: 'size-10 pointer-coarse:size-11',
}

interface Look {
  look?: keyof typeof looks | undefined
  size?: keyof typeof sizes | undefined
  className?: string | undefined
}

/**
 * Returns the classes of buttons and button-like links. Touch targets are 44 px (WCAG 2.5.5). The transparent border
 * becomes visible in forced colours, where backgrounds disappear (U23).
 */
export function buttonLook({ look = 'plain', size = 'medium', className }: Look = {}): string {
  return cn(base, looks[look], sizes[size], className)
}

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'>, Look {
  /** Shows a spinner and ignores clicks, but stays in the tab order. */
  busy?: boolean
}

export function Button({ look, size, busy, className, children, onClick, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={buttonLook({ look, size, className })}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...props}
    >
      {busy && <LoaderCircle aria-hidden className="animate-spin" />}
      {/* A separate element: a translated text is no place to insert the spinner (U30). */}
      <span className="contents">{children}</span>
    </button>
  )
}
