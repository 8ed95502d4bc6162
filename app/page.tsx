import { SignInLink } from '@/components/layout/sign-in-link'
import { Welcome } from '@/components/layout/welcome'
import { env } from '@/lib/env'
import { defaultCollection } from '@/lib/images/collections'
import { currentUser } from '@/lib/session/current-user'
import { PageShell } from './_shell/page-shell'
import { Picker } from './_shell/picker'
import { needsSignIn, SignInWall } from './_shell/sign-in-wall'

/** The first page, which is the picker. */
export default async function StartPage() {
  const isSignedOut = needsSignIn(await currentUser())
  if (isSignedOut && env().authMode === 'proxy') return <SignInWall />
  const picker = isSignedOut ? <SignInLink /> : <Picker collection={defaultCollection} />
  return (
    <PageShell>
      <Welcome picker={picker} guests={env().authMode === 'guest'} />
    </PageShell>
  )
}
