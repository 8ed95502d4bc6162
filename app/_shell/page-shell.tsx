import { cookies } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { LanguageChoice } from '@/components/layout/language-choice'
import { ThemeChoice } from '@/components/layout/theme-choice'
import { env } from '@/lib/env'
import { languageChoice } from './i18n'
import { themeOf } from './theme'

/**
 * The main element and footer around a page's content. Each page renders it, because a navigation keeps the layout: the
 * footer must name the host that rendered this very page (U29).
 */
export async function PageShell({ children }: { children: ReactNode }) {
  const translate = await getTranslations('common.footer')
  return (
    <>
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-5xl grow px-4 py-8 outline-none sm:px-6">
        {children}
      </main>
      <footer className="border-line border-t">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center justify-between gap-4 px-4 py-5 sm:px-6">
          <p className="wrap-anywhere text-muted text-sm">{translate('servedBy', { host: env().hostName })}</p>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <LanguageChoice {...(await languageChoice())} />
            <ThemeChoice initial={themeOf(await cookies())} />
          </div>
        </div>
      </footer>
    </>
  )
}
