import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { currentImage } from '@/app/_shell/cached-queries'
import { PageShell } from '@/app/_shell/page-shell'
import { pageUser } from '@/app/_shell/page-user'
import { saveImage } from '@/app/actions'
import { RecoveryLinks } from '@/components/crop/recovery-links'
import { OpenedUpload } from '@/components/flow/opened-upload'
import { FailureNotice } from '@/components/layout/failure-notice'
import { OtherBrowser } from '@/components/layout/other-browser'
import { collectionOf, defaultCollection } from '@/lib/images/collections'
import { openUpload } from '@/lib/images/open-upload'
import { CropId, UploadId } from '@/lib/images/schema'
import { resolveUpload } from '@/lib/images/storage/image-ref'
import { withStoreDeadline } from '@/lib/images/store-deadline'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('crop'))('title') }
}

/** Steps 2 and 3: crop and save. All its state is in the address and in the store, so any host can render it. */
export default async function CropPage({ params, searchParams }: PageProps<'/crop/[uploadId]'>) {
  const user = await pageUser()
  const { uploadId: wantedId } = await params
  if (!user) {
    return (
      <PageShell>
        <OtherBrowser collection={collectionOf(wantedId) ?? defaultCollection} />
      </PageShell>
    )
  }
  const parsedId = UploadId.safeParse(wantedId).data
  // The id alone decides about a 404, so it needs no response from the store.
  const resolved = parsedId && resolveUpload(user, parsedId)
  if (!resolved) notFound()
  const { uploadId, collection } = resolved
  const cropId = CropId.safeParse((await searchParams).crop).data ?? null
  const [upload, current] = await Promise.all([
    withStoreDeadline(() => openUpload(user, uploadId, cropId)),
    currentImage(user, collection),
  ])
  if (!upload.ok) {
    return (
      <PageShell>
        <FailureNotice failure={upload}>
          <RecoveryLinks code={upload.code} collection={collection} />
        </FailureNotice>
      </PageShell>
    )
  }
  const { source, recipe, crop } = upload.value
  return (
    <OpenedUpload
      upload={{ uploadId, collection, source, appliedRecipe: recipe, appliedCrop: crop, seen: current.seen }}
      saveImage={saveImage}
    />
  )
}
