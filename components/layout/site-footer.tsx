import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

interface SiteFooterProps {
  /** The host that rendered the page (U29). */
  host: string
  /** The site that the name at the top leads to. Then the footer has the link to the first page. */
  homeUrl: string | undefined
  imprintUrl: string | undefined
  privacyUrl: string | undefined
  /** The choices of language and theme. */
  children: ReactNode
}

const look =
  'inline-flex min-h-9 items-center underline-offset-4 hover:text-ink hover:underline pointer-coarse:min-h-11'

/** One quiet line at the end of a page. */
export function SiteFooter({ host, homeUrl, imprintUrl, privacyUrl, children }: SiteFooterProps) {
  const translate = useTranslations()
  const links = [
    { href: imprintUrl, label: translate('site.links.imprint') },
    { href: privacyUrl, label: translate('site.links.privacy') },
    { href: '/licences.txt', label: translate('site.links.licences') },
  ].filter((link) => link.href)
  return (
    <footer className="mx-auto flex w-full max-w-5xl flex-wrap items-center justify-between gap-x-6 px-4 pt-2 pb-4 text-muted text-sm sm:px-6">
      <ul aria-label={translate('site.links.label')} className="flex flex-wrap items-center gap-x-5">
        {homeUrl && (
          <li>
            <Link href="/" className={look}>
              {translate('site.links.start')}
            </Link>
          </li>
        )}
        {links.map(({ href, label }) => (
          <li key={href}>
            <a href={href} className={look}>
              {label}
            </a>
          </li>
        ))}
        <li className="wrap-anywhere">{translate('common.footer.servedBy', { host })}</li>
      </ul>
      <div className="flex flex-wrap items-center gap-x-3">{children}</div>
    </footer>
  )
}
