'use client'

import { CircleCheck, TriangleAlert, X } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { onToastsChange, shownToasts, type Toast, toast } from '@/components/ui/toast'

const none: readonly Toast[] = []

/**
 * Shows toasts, and announces them politely. Rendered once, last in the layout: Tab passes them after the page. They are
 * below the top bar of the editor, and above a bar with `data-bottom-bar` (U65).
 */
export function Toaster() {
  const translate = useTranslations('common')
  const toasts = useSyncExternalStore(onToastsChange, shownToasts, () => none)
  const isEditor = usePathname().startsWith('/crop')
  const newest = toasts.at(-1)?.id

  useEffect(() => {
    if (newest === undefined) return
    const dismiss = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      // Escape closes the menu or dialog first.
      if (document.querySelector(':popover-open, dialog:modal')) return
      // The editor stays open.
      event.preventDefault()
      toast.dismiss(newest)
    }
    document.addEventListener('keydown', dismiss)
    return () => document.removeEventListener('keydown', dismiss)
  }, [newest])

  return (
    <ol
      aria-label={translate('notices')}
      aria-live="polite"
      aria-relevant="additions"
      className={cn(
        'pointer-events-none fixed inset-x-4 z-50 mx-auto flex max-w-md flex-col gap-2',
        isEditor ? 'top-16' : 'bottom-4 [body:has([data-bottom-bar])_&]:bottom-24',
      )}
    >
      {toasts.map((one) => (
        <ToastItem key={one.id} toast={one} closeLabel={translate('closeNotice')} />
      ))}
    </ol>
  )
}

function ToastItem({ toast: { id, kind, text, duration, action }, closeLabel }: { toast: Toast; closeLabel: string }) {
  const [isHeld, setIsHeld] = useState(false)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => toast.dismiss(id), duration)
    return () => clearTimeout(timer)
  }, [id, duration, isHeld])

  return (
    <li
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
      className="wrap-anywhere pointer-events-auto flex items-center gap-3 rounded-2xl border border-transparent bg-ink py-1.5 ps-4 pe-1.5 text-canvas text-sm shadow-lg transition-[opacity,translate] duration-200 ease-out starting:translate-y-2 starting:opacity-0"
    >
      {kind === 'success' && <CircleCheck aria-hidden className="size-5 shrink-0" />}
      {kind === 'error' && <TriangleAlert aria-hidden className="size-5 shrink-0" />}
      <p className="grow py-1.5">{text}</p>
      {action && (
        <Button
          look="inverse"
          size="small"
          className="shrink-0 underline underline-offset-4"
          onClick={() => {
            toast.dismiss(id)
            action.onClick()
          }}
        >
          {action.label}
        </Button>
      )}
      <Button look="inverse" size="icon" className="shrink-0" aria-label={closeLabel} onClick={() => toast.dismiss(id)}>
        <X aria-hidden />
      </Button>
    </li>
  )
}
