import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { GuestPhotos } from '@/app/_shell/guest-photos'
import { PageShell } from '@/app/_shell/page-shell'
import { pageUser } from '@/app/_shell/page-user'
import { runStep } from '@/app/_shell/run-step'
import { AccountSection } from '@/components/account/account-section'
import { EraseEverything } from '@/components/account/erase-everything'
import { ExportEverything } from '@/components/account/export-everything'
import { SignOutEverywhere } from '@/components/account/sign-out-everywhere'
import { GalleryEmpty } from '@/components/gallery/gallery-layout'
import { buttonLook } from '@/components/ui/button'
import { env } from '@/lib/env'
import { defaultCollection } from '@/lib/images/collections'
import { countImages } from '@/lib/images/storage/quota'
import { ok } from '@/lib/result'
import { currentIdentity } from '@/lib/session/current-user'
import type { Identity, User } from '@/lib/session/user'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await title() }
}

/** Guests have no account, but the same rights. */
async function title(): Promise<string> {
  return (await getTranslations('account'))(env().authMode === 'guest' ? 'guestTitle' : 'title')
}

/** Who the person is, what they have stored, and how they take it along or erase it. */
export default async function AccountPage() {
  const [user, identity] = [await pageUser(), await currentIdentity()]
  if (!user || !identity) {
    return (
      <PageShell>
        <GalleryEmpty collection={defaultCollection} isSignedOut />
      </PageShell>
    )
  }
  const translate = await getTranslations('account')
  return (
    <PageShell>
      <h1 tabIndex={-1} className="mb-6 text-title">
        {await title()}
      </h1>
      <Suspense>
        <GuestPhotos />
      </Suspense>
      <Who identity={identity} />
      <AccountSection
        title={translate('usage.title')}
        text={
          <Suspense fallback={translate('usage.counting')}>
            <Usage user={user} />
          </Suspense>
        }
      >
        <Link href="/gallery" className={buttonLook()}>
          {translate('usage.gallery')}
        </Link>
      </AccountSection>
      <AccountSection title={translate('export.title')} text={translate('export.text')}>
        <ExportEverything />
      </AccountSection>
      {env().authMode === 'oidc' && (
        <AccountSection title={translate('everywhere.title')} text={translate('everywhere.text')}>
          <SignOutEverywhere />
        </AccountSection>
      )}
      <AccountSection title={translate('erase.title')} text={translate('erase.text')}>
        <EraseEverything />
      </AccountSection>
    </PageShell>
  )
}

async function Who({ identity: { name, email } }: { identity: Identity }) {
  const translate = await getTranslations('account.who')
  const { authMode, oidc } = env()
  const how = translate(authMode, { provider: oidc ? new URL(oidc.issuer).host : '' })
  return (
    <AccountSection
      title={translate('title')}
      text={
        <>
          <p className="wrap-anywhere font-semibold text-ink">
            <bdi>{name}</bdi>
          </p>
          {email && (
            <p className="wrap-anywhere">
              <bdi>{email}</bdi>
            </p>
          )}
          <p className="mt-2">{how}</p>
        </>
      }
    />
  )
}

/** Streams in, and does not fail the page: the rest of it needs no store. */
async function Usage({ user }: { user: User }) {
  const translate = await getTranslations('account.usage')
  const used = await runStep('countImages', async () => ok(await countImages(user)))
  return used.ok ? translate('used', { used: used.value, limit: env().userQuota }) : translate('failed')
}
