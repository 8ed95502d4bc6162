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
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-5xl grow px-4 py-6 outline-none sm:px-6 sm:py-8">
        {children}
      </main>
      <footer className="mx-auto flex w-full max-w-5xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 pb-4 text-muted text-sm sm:px-6">
        <p className="wrap-anywhere">{translate('servedBy', { host: env().hostName })}</p>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <LanguageChoice {...(await languageChoice())} />
          <ThemeChoice initial={themeOf(await cookies())} />
        </div>
      </footer>
    </>
  )
}
