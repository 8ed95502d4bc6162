import { useTranslations } from 'next-intl'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import type { FailedRequest } from './use-request'

interface RequestFailureProps {
  failed: FailedRequest
  busy: boolean
  /** A more specific sentence than the code's own. */
  sentence?: string
  /** Removes a photo that does not exist any more. */
  onGone?: () => void
}

/** Shows a failed request next to what caused it, with the way to recover. */
export function RequestFailure({ failed: { failure, retry }, busy, sentence, onGone }: RequestFailureProps) {
  const translate = useTranslations('gallery')
  const needsSignIn = failure.code === 'unauthorized'
  return (
    <FailureNotice failure={failure} sentence={needsSignIn ? undefined : sentence}>
      {needsSignIn ? (
        <SignInAgain size="small" onSignedIn={retry} />
      ) : failure.code === 'not_found' && onGone ? (
        <Button size="small" onClick={onGone}>
          {translate('takeOff')}
        </Button>
      ) : (
        <Button size="small" busy={busy} onClick={retry}>
          {translate('retry')}
        </Button>
      )}
    </FailureNotice>
  )
}
