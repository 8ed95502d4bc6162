import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { collectionParam } from '@/app/_shell/collection-param'
import { PageShell } from '@/app/_shell/page-shell'
import { SignInPage } from '@/app/_shell/sign-in-page'
import { startUpload } from '@/app/actions'
import { collectionWords } from '@/components/collection'
import { CollectionChoice } from '@/components/layout/collection-choice'
import { Steps } from '@/components/layout/steps'
import { UploadForm } from '@/components/upload/upload-form'
import { env } from '@/lib/env'
import { uploadLimit } from '@/lib/images/upload'
import { currentUser } from '@/lib/session/current-user'

export async function generateMetadata({ searchParams }: PageProps<'/upload'>): Promise<Metadata> {
  const collection = await collectionParam(searchParams)
  return { title: collectionWords(await getTranslations(), collection)('upload.title') }
}

/** Step 1: upload. */
export default async function UploadPage({ searchParams }: PageProps<'/upload'>) {
  const collection = await collectionParam(searchParams)
  const user = await currentUser()
  if (!user) return <SignInPage />
  return (
    <PageShell>
      <Steps current="upload" />
      <CollectionChoice page="upload" shown={collection} />
      {/* The key resets the chosen file when the collection changes. */}
      <UploadForm
        key={collection.name}
        collection={collection}
        maxUploadBytes={uploadLimit(collection)}
        maxPixels={env().maxPixels}
        startUpload={startUpload}
      />
    </PageShell>
  )
}
