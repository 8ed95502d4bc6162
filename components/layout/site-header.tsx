'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { pagePath, useCollectionWords } from '@/components/collection'
import { useShownCollection } from '@/components/use-shown-collection'

interface SiteHeaderProps {
  /** The name of the site, as a link. */
  wordmark: ReactNode
  /** The account menu, or null for signed-out people: they have no photos yet. */
  account: ReactNode
}

/** Top of every page: skip link to `#main`, name of the site, the way to the gallery, the account menu. */
export function SiteHeader({ wordmark, account }: SiteHeaderProps) {
  const translate = useTranslations('common')
  const collection = useShownCollection()
  const word = useCollectionWords(collection)
  return (
    <header className="relative">
      <a
        href="#main"
        className="sr-only rounded-full bg-accent text-accent-ink focus:not-sr-only focus:absolute focus:start-4 focus:top-3 focus:z-50 focus:px-5 focus:py-2"
      >
        {translate('skip')}
      </a>
      <div className="mx-auto flex min-h-16 max-w-5xl items-center gap-x-3 px-4 sm:gap-x-5 sm:px-6">
        {wordmark}
        {account && (
          <>
            <nav aria-label={translate('nav.label')} className="ms-auto">
              <NavLink href={pagePath('gallery', collection)} label={word('gallery.title')} />
            </nav>
            {account}
          </>
        )}
      </div>
    </header>
  )
}

function NavLink({ href, label }: { href: string; label: string }) {
  const here = usePathname() === href.split('?')[0]
  return (
    <Link
      href={href}
      aria-current={here ? 'page' : undefined}
      className="inline-flex min-h-10 items-center rounded-full px-3 text-muted text-sm decoration-2 decoration-accent underline-offset-8 transition-colors duration-150 hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-ink aria-[current=page]:underline pointer-coarse:min-h-11"
    >
      {label}
    </Link>
  )
}
