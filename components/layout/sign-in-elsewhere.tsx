import { useTranslations } from 'next-intl'
import { buttonLook } from '@/components/ui/button'
import { ReloadButton } from './reload-button'

/** Replaces all pages for a visitor whom the proxy in front of the site has not signed in. */
export function SignInElsewhere({ helpUrl }: { helpUrl: string | undefined }) {
  const translate = useTranslations('session')
  return (
    <section className="mx-auto flex max-w-lg flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate('proxy.title')}</h1>
      <p className="mt-3 text-balance text-muted">{translate('proxy.text')}</p>
      <div className="mt-8 flex flex-wrap justify-center gap-3">
        <ReloadButton />
        {helpUrl && (
          <a href={helpUrl} className={buttonLook()}>
            {translate('help')}
          </a>
        )}
      </div>
    </section>
  )
}
