import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

interface SiteFooterProps {
  /** Name of the host that rendered this page. */
  servedBy: string
  /** The theme choice. */
  children: ReactNode
}

/** Bottom of every page: which host answered, so that anyone can see that steps move between hosts. */
export function SiteFooter({ servedBy, children }: SiteFooterProps) {
  const translate = useTranslations('common.footer')
  return (
    <footer className="border-line border-t">
      <div className="mx-auto flex max-w-5xl flex-wrap items-center justify-between gap-4 px-4 py-5 sm:px-6">
        <p className="wrap-anywhere text-muted text-sm">{translate('servedBy', { host: servedBy })}</p>
        {children}
      </div>
    </footer>
  )
}
