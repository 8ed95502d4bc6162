import { redirect } from 'next/navigation'
import { SignInLink } from '@/components/layout/sign-in-link'
import { Welcome } from '@/components/layout/welcome'
import { env } from '@/lib/env'
import { defaultCollection } from '@/lib/images/collections'
import { currentUser } from '@/lib/session/current-user'
import { PageShell } from './_shell/page-shell'
import { Picker } from './_shell/picker'

/** The first page, which is the picker. Where people have accounts, they sign in first. */
export default async function StartPage() {
  const { authMode } = env()
  const isSignedOut = authMode !== 'guest' && !(await currentUser())
  if (isSignedOut && authMode === 'proxy') redirect('/sign-in')
  return (
    <PageShell>
      <Welcome
        picker={isSignedOut ? <SignInLink /> : <Picker collection={defaultCollection} />}
        guests={authMode === 'guest'}
      />
    </PageShell>
  )
}
