import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Welcome } from '@/components/layout/welcome'
import { Button } from '@/components/ui/button'
import { env } from '@/lib/env'
import { PageShell } from './_shell/page-shell'

export default async function StartPage() {
  const translate = await getTranslations('site.notFound')
  const picker = (
    <Button asChild look="primary" size="large">
      <Link href="/upload">{translate('upload')}</Link>
    </Button>
  )
  return (
    <PageShell>
      <Welcome picker={picker} guests={env().authMode === 'guest'} />
    </PageShell>
  )
}
