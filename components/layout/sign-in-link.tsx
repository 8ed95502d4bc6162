import { useTranslations } from 'next-intl'
import { buttonLook } from '@/components/ui/button'

/** Starts a sign-in that leads back to the first page. Not a `Link`, which would prefetch it. */
export function SignInLink() {
  const translate = useTranslations('session')
  return (
    <a href="/sign-in/start?to=/" className={buttonLook({ look: 'primary', size: 'large' })}>
      {translate('button')}
    </a>
  )
}
