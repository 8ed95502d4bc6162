'use client'

import { LogOut } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ReactNode, useTransition } from 'react'
import { toast } from 'sonner'
import { callAction } from '@/components/call-action'
import { pagePath } from '@/components/collection'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import { api } from '@/lib/browser/api-client'
import type { Result } from '@/lib/result'

type SignOut = () => Promise<Result<null>>

interface SiteHeaderProps {
  /** The name of the site, as a link. */
  wordmark: ReactNode
  user: { name: string } | null
  avatar: ReactNode
  signOut: SignOut
}

/** Top of every page: skip link to `#main`, name of the site, main navigation, the signed-in user. */
export function SiteHeader({ wordmark, user, avatar, signOut }: SiteHeaderProps) {
  const translate = useTranslations('common')
  const collection = useShownCollection()
  return (
    <header className="border-line border-b bg-surface">
      <a
        href="#main"
        className="sr-only rounded-lg bg-accent text-accent-ink focus:not-sr-only focus:absolute focus:start-4 focus:top-3 focus:z-50 focus:px-4 focus:py-2"
      >
        {translate('skip')}
      </a>
      <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-2 gap-y-1 px-4 py-3 sm:gap-x-6 sm:px-6">
        {wordmark}
        <nav aria-label={translate('nav.label')}>
          <ul className="flex">
            <NavItem href={pagePath('upload', collection)} label={translate('nav.upload')} />
            <NavItem href={pagePath('gallery', collection)} label={translate('nav.gallery')} />
          </ul>
        </nav>
        {user && (
          <div className="ms-auto flex items-center gap-1 sm:gap-3">
            {avatar}
            <bdi className="sr-only max-w-40 truncate text-sm sm:not-sr-only">{user.name}</bdi>
            <SignOutButton signOut={signOut} />
          </div>
        )}
      </div>
    </header>
  )
}

function NavItem({ href, label }: { href: string; label: string }) {
  const here = usePathname() === href.split('?')[0]
  return (
    <li>
      <Link
        href={href}
        aria-current={here ? 'page' : undefined}
        className="inline-flex min-h-10 items-center rounded-lg px-2.5 text-muted text-sm underline-offset-8 hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-ink aria-[current=page]:underline aria-[current=page]:decoration-2 aria-[current=page]:decoration-accent sm:px-3 pointer-coarse:min-h-11"
      >
        {label}
      </Link>
    </li>
  )
}

function SignOutButton({ signOut }: { signOut: SignOut }) {
  const translate = useTranslations('common.account')
  const translateError = useTranslations('errors')
  const router = useRouter()
  const [busy, startSigningOut] = useTransition()

  const leave = () =>
    startSigningOut(async () => {
      const result = await callAction(signOut, api.signOut)
      if (result.ok) router.refresh()
      else toast.error(translateError(result.code))
    })

  return (
    <Button look="quiet" className="px-2.5!" busy={busy} onClick={leave}>
      {!busy && <LogOut aria-hidden className="rtl:-scale-x-100" />}
      <span className="sr-only sm:not-sr-only">{translate('signOut')}</span>
    </Button>
  )
}
