import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { buttonLook } from '@/components/ui/button'
import { PageShell } from './_shell/page-shell'

/** The same 404 page for ids that never existed, were deleted, or belong to someone else (security S10). */
export default async function NotFound() {
  const translate = await getTranslations('site.notFound')
  return (
    <PageShell>
      <div className="max-w-xl space-y-4 py-6">
        <h1 className="font-semibold text-2xl tracking-tight">{translate('title')}</h1>
        <p className="text-muted">{translate('text')}</p>
        <div className="flex flex-wrap gap-3">
          <Link href="/upload" className={buttonLook({ look: 'primary' })}>
            {translate('upload')}
          </Link>
          <Link href="/gallery" className={buttonLook()}>
            {translate('gallery')}
          </Link>
        </div>
      </div>
    </PageShell>
  )
}
