import { setTimeout as sleep } from 'node:timers/promises'
import { headers } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { signOut } from '@/app/actions'
import { HeaderAvatar } from '@/components/layout/header-avatar'
import { SiteHeader } from '@/components/layout/site-header'
import { Avatar } from '@/components/ui/avatar'
import { defaultCollection } from '@/lib/images/collections'
import { log } from '@/lib/log'
import { currentUser } from '@/lib/session/current-user'
import type { User } from '@/lib/session/user'
import { currentImage } from './cached-queries'

/** How long the header's image may hold up the end of a response. */
const timeoutMs = 2_000

/** Side of the header's image in CSS pixels. */
const size = 36

/** The header. Its image streams in: no page waits for the store because of it. */
export async function Header() {
  const user = await currentUser()
  return (
    <SiteHeader
      user={user && { name: user.name }}
      avatar={
        user && (
          <Suspense fallback={<Avatar picture={null} name={user.name} size={size} />}>
            <CurrentAvatar user={user} />
          </Suspense>
        )
      }
      signOut={signOut}
    />
  )
}

async function CurrentAvatar({ user }: { user: User }) {
  const picture = await Promise.race([readPicture(user), sleep(timeoutMs, null, { ref: false })])
  return <HeaderAvatar rendered={{ picture }} name={user.name} size={size} />
}

async function readPicture(user: User) {
  try {
    const { image } = await currentImage(user, defaultCollection)
    const smallest = image?.variants.at(-1)
    const translate = await getTranslations('site')
    return smallest ? { url: smallest.url, posterUrl: smallest.posterUrl, alt: translate('currentPicture') } : null
  } catch (error) {
    // Without the store the page below reports it in full; the header only lacks its image, and the way home stays.
    log().error({ err: error, requestId: (await headers()).get('x-request-id') }, 'header image failed')
    return null
  }
}
