import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { collectionParam } from '@/app/_shell/collection-param'
import { PageShell } from '@/app/_shell/page-shell'
import { pageUser } from '@/app/_shell/page-user'
import { Picker } from '@/app/_shell/picker'
import { collectionWords } from '@/components/collection'
import { CollectionChoice } from '@/components/layout/collection-choice'
import { env } from '@/lib/env'

export async function generateMetadata({ searchParams }: PageProps<'/upload'>): Promise<Metadata> {
  const collection = await collectionParam(searchParams)
  return { title: collectionWords(await getTranslations(), collection)('upload.title') }
}

/** The picker of a collection. Without a session, the first upload creates a guest. */
export default async function UploadPage({ searchParams }: PageProps<'/upload'>) {
  const collection = await collectionParam(searchParams)
  await pageUser()
  const translate = await getTranslations()
  return (
    <PageShell>
      <CollectionChoice page="upload" shown={collection} />
      <div className="mx-auto max-w-2xl space-y-6 py-6">
        <h1 className="font-display font-semibold text-3xl tracking-tight">
          {collectionWords(translate, collection)('upload.title')}
        </h1>
        <Picker collection={collection} />
        {env().authMode === 'guest' && <p className="text-muted text-sm">{translate('upload.noAccount')}</p>}
      </div>
    </PageShell>
  )
}
