import { useTranslations } from 'next-intl'
import { buttonLook } from '@/components/ui/button'

interface SignInProblemProps {
  problem: 'expired' | 'cancelled' | 'provider' | 'failed' | 'internal' | 'not_verified' | 'not_allowed'
  /** Starts again. */
  href: string
  /** Starts again, and lets the person choose another account of the provider. */
  otherAccountHref: string
  helpUrl: string | undefined
}

/** Says why a person is not signed in, and what they can do. */
export function SignInProblem({ problem, href, otherAccountHref, helpUrl }: SignInProblemProps) {
  const translate = useTranslations('session')
  // Another try would use the same account: the provider still has its session.
  const isWrongAccount = problem === 'not_allowed' || problem === 'not_verified'
  return (
    <section data-problem={problem} className="mx-auto flex max-w-lg flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate(`problem.${problem}.title`)}</h1>
      <p className="mt-3 text-balance text-muted">{translate(`problem.${problem}.text`)}</p>
      <div className="mt-8 flex flex-wrap justify-center gap-3">
        <a href={isWrongAccount ? otherAccountHref : href} className={buttonLook({ look: 'primary', size: 'large' })}>
          {translate(isWrongAccount ? 'otherAccount' : 'tryAgain')}
        </a>
        {helpUrl && (
          <a href={helpUrl} className={buttonLook({ size: 'large' })}>
            {translate('help')}
          </a>
        )}
      </div>
    </section>
  )
}
