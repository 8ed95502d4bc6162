import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'

interface IconButtonProps extends Omit<ComponentProps<typeof Button>, 'children' | 'size'> {
  label: string
  Icon: LucideIcon
  /** Shows the name beside the icon where there is room. */
  named?: boolean
}

const roomForName = 'roomy:h-auto roomy:min-h-10 roomy:w-auto roomy:justify-start roomy:px-2 roomy:text-start'

/** A quiet button with an icon, whose name shows as a tooltip. */
export function IconButton({ label, Icon, named = false, className, ...props }: IconButtonProps) {
  const classes = cn('shrink-0', named && roomForName, className)
  return (
    <Button look="quiet" size="icon" aria-label={label} title={label} className={classes} {...props}>
      <Icon aria-hidden />
      {named && <span className="tight:hidden font-normal text-sm leading-tight">{label}</span>}
    </Button>
  )
}
