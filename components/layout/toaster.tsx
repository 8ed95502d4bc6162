'use client'

import { useTranslations } from 'next-intl'
import { Toaster as Sonner } from 'sonner'

/** Shows sonner's toasts in the site's design. Rendered once, in the layout. */
export function Toaster() {
  const translate = useTranslations('common')
  return (
    <Sonner
      position="bottom-center"
      containerAriaLabel={translate('notices')}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'wrap-anywhere flex w-(--width) items-center gap-3 rounded-card border border-line bg-surface p-4 text-ink text-sm shadow-lg',
          description: 'text-muted',
          success: '[&_[data-icon]]:text-good',
          error: '[&_[data-icon]]:text-danger',
          actionButton: 'ms-auto min-h-8 rounded-lg border border-control px-2.5 font-medium hover:bg-raised',
        },
      }}
    />
  )
}
