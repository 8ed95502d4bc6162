import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { SiteFooter } from '@/components/layout/site-footer'
import { ThemeChoice } from '@/components/layout/theme-choice'
import { env } from '@/lib/env'
import { themeOf } from './theme'

/**
 * What a page stands in. It belongs to the page and not to the layout, which a navigation keeps: so that the footer
 * tells which host answered this very step (U29).
 */
export async function PageShell({ children }: { children: ReactNode }) {
  return (
    <>
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-5xl grow px-4 py-8 outline-none sm:px-6">
        {children}
      </main>
      <SiteFooter servedBy={env().hostName}>
        <ThemeChoice initial={themeOf(await cookies())} />
      </SiteFooter>
    </>
  )
}
