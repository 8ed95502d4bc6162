import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'

interface IconButtonProps extends Omit<ComponentProps<typeof Button>, 'children' | 'size'> {
  label: string
  Icon: LucideIcon
}

/** A quiet button with an icon, whose name shows as a tooltip. */
export function IconButton({ label, Icon, className, ...props }: IconButtonProps) {
  return (
    <Button look="quiet" size="icon" aria-label={label} title={label} className={cn('shrink-0', className)} {...props}>
      <Icon aria-hidden />
    </Button>
  )
}
