import type { ReactNode } from 'react'
import { SiteFooter } from '@/components/layout/site-footer'
import { env } from '@/lib/env'
import { Settings } from './settings'
import { shownUser } from './shown-user'

/**
 * The main element and footer around a page's content. Each page renders it, because a navigation keeps the layout: the
 * footer must name the host that rendered this very page (U29).
 */
export async function PageShell({ children }: { children: ReactNode }) {
  const user = await shownUser()
  return (
    <>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-5xl grow px-4 py-3 outline-none sm:px-6 sm:[@media(min-height:30rem)]:py-8"
      >
        {children}
      </main>
      <SiteFooter host={env().hostName} {...env().site}>
        {!user && <Settings />}
      </SiteFooter>
    </>
  )
}
