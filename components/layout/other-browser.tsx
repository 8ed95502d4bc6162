import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pagePath } from '@/components/collection'
import { buttonLook } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'

/** Replaces a crop page for a visitor without a session: only the guest who started the crop can finish it. */
export function OtherBrowser({ collection }: { collection: Collection }) {
  const translate = useTranslations('common.otherBrowser')
  return (
    <section className="mx-auto flex max-w-lg flex-col items-center py-16 text-center">
      <h1 className="text-balance text-title">{translate('title')}</h1>
      <p className="mt-3 text-balance text-muted">{translate('text')}</p>
      <Link
        href={pagePath('upload', collection)}
        className={buttonLook({ look: 'primary', size: 'large', className: 'mt-8' })}
      >
        {translate('choose')}
      </Link>
    </section>
  )
}
