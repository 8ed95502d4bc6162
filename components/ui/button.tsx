import { cva, type VariantProps } from 'class-variance-authority'
import { LoaderCircle } from 'lucide-react'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

/** The classes of buttons and button-like links. Touch targets are 44 px (WCAG 2.5.5). */
export const buttonLook = cva(
  'inline-flex select-none items-center justify-center gap-2 rounded-lg font-medium transition-colors disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-[1.1em] [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-accent-ink hover:bg-accent/90',
        plain: 'border border-control bg-surface text-ink hover:bg-raised',
        quiet: 'text-ink hover:bg-raised',
        danger: 'bg-danger text-danger-ink hover:bg-danger/90',
      },
      size: {
        small: 'min-h-8 px-2.5 text-sm pointer-coarse:min-h-11',
        medium: 'min-h-10 px-4 text-sm pointer-coarse:min-h-11',
        large: 'min-h-12 px-6 text-base',
        icon: 'size-10 pointer-coarse:size-11',
      },
    },
    defaultVariants: { look: 'plain', size: 'medium' },
  },
)

interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonLook> {
  /** Renders the child element, such as a link, as a button. */
  asChild?: boolean
  /** Shows a spinner and ignores clicks, but stays in the tab order. */
  busy?: boolean
}

export function Button({ look, size, asChild, busy, className, children, onClick, ...props }: ButtonProps) {
  const classes = cn(buttonLook({ look, size }), className)
  if (asChild) {
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    )
  }
  return (
    <button
      type="button"
      className={classes}
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
