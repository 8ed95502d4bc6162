import { signInAsGuest } from '@/app/actions'
import { SignIn } from '@/components/layout/sign-in'
import { PageShell } from './page-shell'

/**
 * What a page is to those who are not signed in; each page decides that for itself (security S30).
 * @param hasBegun the address is that of a step which somebody has begun
 */
export function SignInPage({ hasBegun = false }: { hasBegun?: boolean }) {
  return (
    <PageShell>
      <SignIn signIn={signInAsGuest} hasBegun={hasBegun} />
    </PageShell>
  )
}
