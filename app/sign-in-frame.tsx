import { SignIn } from '@/components/sign-in'
import { signInAsGuest } from './actions'
import { Frame } from './frame'

/**
 * What a page is to those who are not signed in; each page decides that for itself (security S30).
 * @param hasBegun the address is that of a step which somebody has begun
 */
export function SignInFrame({ hasBegun = false }: { hasBegun?: boolean }) {
  return (
    <Frame>
      <SignIn signIn={signInAsGuest} hasBegun={hasBegun} />
    </Frame>
  )
}
