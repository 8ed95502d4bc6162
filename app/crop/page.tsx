import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { collectionParam } from '@/app/_shell/collection-param'
import { PageShell } from '@/app/_shell/page-shell'
import { pageUser } from '@/app/_shell/page-user'
import { Picker } from '@/app/_shell/picker'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('crop'))('title') }
}

/**
 * The editor's address until its photo is in the store. The editor itself lives in the layout; after a reload, the file
 * is gone, and this page asks for it again.
 */
export default async function UnsentPhotoPage({ searchParams }: Pick<PageProps<'/'>, 'searchParams'>) {
  const collection = await collectionParam(searchParams)
  await pageUser()
  const translate = await getTranslations('upload')
  return (
    <PageShell>
      <div className="mx-auto max-w-xl space-y-6 py-6">
        <h1 className="font-display font-semibold text-3xl tracking-tight">{translate('again.title')}</h1>
        <p className="text-muted">{translate('again.text')}</p>
        <Picker collection={collection} />
      </div>
    </PageShell>
  )
}
