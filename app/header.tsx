import { setTimeout as sleep } from 'node:timers/promises'
import { headers } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import { SiteHeader } from '@/components/site-header'
import { defaultCollection } from '@/lib/images/collections'
import { log } from '@/lib/log'
import { currentUser } from '@/lib/session/current-user'
import type { User } from '@/lib/session/user'
import { signOut } from './actions'
import { currentPicture } from './reads'

/** How long every page waits for a picture of 36 pixels. */
const patienceMs = 2_000

/** The header with the person's current picture. */
export async function Header() {
  const user = await currentUser()
  // A store that has stopped answering holds up those pages that need it, and not the others for their header.
  const current = user && (await Promise.race([shownPicture(user), sleep(patienceMs, null, { ref: false })]))
  return <SiteHeader user={user && { name: user.name }} current={current} signOut={signOut} />
}

async function shownPicture(user: User) {
  try {
    const { picture } = await currentPicture(user, defaultCollection)
    const smallest = picture?.variants.at(-1)
    const translate = await getTranslations('site')
    return smallest ? { url: smallest.url, posterUrl: smallest.posterUrl, alt: translate('currentPicture') } : null
  } catch (error) {
    // Without the store the page below says so in full; the header only lacks its picture, and the way home stays.
    log().error({ err: error, requestId: (await headers()).get('x-request-id') }, 'header picture failed')
    return null
  }
}
