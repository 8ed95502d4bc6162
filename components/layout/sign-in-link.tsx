import { useTranslations } from 'next-intl'
import { buttonLook } from '@/components/ui/button'
import { signInHref } from '@/lib/browser/sign-in'

/** Starts a sign-in that leads back to the first page. Not a `Link`, which would prefetch it. */
export function SignInLink() {
  const translate = useTranslations('session')
  return (
    <a href={signInHref('/')} className={buttonLook({ look: 'primary', size: 'large' })}>
      {translate('button')}
    </a>
  )
}
