import { SignInElsewhere } from '@/components/layout/sign-in-elsewhere'
import { SignInScreen } from '@/components/layout/sign-in-screen'
import { env } from '@/lib/env'
import type { User } from '@/lib/session/user'
import { PageShell } from './page-shell'

/** Whether a page needs a person who has to sign in first. Guests need not: their first upload creates them. */
export function needsSignIn(user: User | null): user is null {
  return user === null && env().authMode !== 'guest'
}

/** Replaces such a page. */
export function SignInWall() {
  return (
    <PageShell>
      {env().authMode === 'proxy' ? <SignInElsewhere helpUrl={env().site.helpUrl} /> : <SignInScreen />}
    </PageShell>
  )
}
