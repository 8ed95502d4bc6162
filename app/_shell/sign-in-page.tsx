import { signInAsGuest } from '@/app/actions'
import { OtherBrowser } from '@/components/layout/other-browser'
import { SignIn } from '@/components/layout/sign-in'
import { PageShell } from './page-shell'

/**
 * The page that signed-out people see instead of a step. Each page checks the session itself (security S30).
 * @param isOtherGuest the address belongs to the guest who started its crop
 */
export function SignInPage({ isOtherGuest = false }: { isOtherGuest?: boolean }) {
  return <PageShell>{isOtherGuest ? <OtherBrowser /> : <SignIn signIn={signInAsGuest} />}</PageShell>
}
