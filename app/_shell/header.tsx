import { setTimeout as sleep } from 'node:timers/promises'
import { UserRound } from 'lucide-react'
import { headers } from 'next/headers'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { AccountMenu } from '@/components/layout/account-menu'
import { Avatar, HeaderAvatar, InitialsUntilLeft } from '@/components/layout/avatar'
import { menuItemLook } from '@/components/layout/menu-item'
import { SiteHeader } from '@/components/layout/site-header'
import { Wordmark } from '@/components/layout/wordmark'
import { env } from '@/lib/env'
import { defaultCollection } from '@/lib/images/collections'
import { log } from '@/lib/log'
import type { User } from '@/lib/session/user'
import { currentImage } from './cached-queries'
import { isPage } from './is-page'
import { Settings } from './settings'
import { shownUser } from './shown-user'

/** How long the header's photo may delay the end of a response. */
const timeoutMs = 2_000

/** Side of the header's photo in CSS pixels. */
const size = 36

/** The site header. Its photo streams in, so no page waits for the store because of it. A 404 page shows none. */
export async function Header() {
  const user = await shownUser()
  const address = (await headers()).get('x-address') ?? '/'
  const wordmark = <Wordmark {...env().site} />
  if (!user) return <SiteHeader wordmark={wordmark} account={null} />
  const avatar = isPage(address, user) ? (
    <Suspense fallback={<Avatar photo={null} name={user.name} size={size} />}>
      <CurrentAvatar user={user} />
    </Suspense>
  ) : (
    <InitialsUntilLeft name={user.name} size={size} />
  )
  return (
    <SiteHeader
      wordmark={wordmark}
      account={
        <AccountMenu
          name={user.name}
          email={user.email}
          isGuest={env().authMode === 'guest'}
          canSignOut={env().authMode !== 'proxy' || env().proxy?.signOutUrl !== undefined}
          avatar={avatar}
          accountLink={<AccountLink />}
          settings={<Settings />}
        />
      }
    />
  )
}

async function AccountLink() {
  const translate = await getTranslations('common.account')
  return (
    <Link href="/account" className={menuItemLook}>
      <UserRound aria-hidden />
      <span>{translate(env().authMode === 'guest' ? 'data' : 'account')}</span>
    </Link>
  )
}

async function CurrentAvatar({ user }: { user: User }) {
  const photo = await Promise.race([readPhoto(user), sleep(timeoutMs, null, { ref: false })])
  return <HeaderAvatar rendered={{ photo }} name={user.name} size={size} />
}

async function readPhoto(user: User) {
  try {
    const { image } = await currentImage(user, defaultCollection)
    const smallest = image?.variants.at(-1)
    return smallest ? { url: smallest.url, posterUrl: smallest.posterUrl } : null
  } catch (error) {
    // The page reports an outage in full. The header shows initials and keeps its navigation.
    log().error({ err: error, requestId: (await headers()).get('x-request-id') }, 'reading the header photo failed')
    return null
  }
}
