import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { saveImage } from '@/app/actions'
import { Frame } from '@/app/frame'
import { currentImage } from '@/app/reads'
import { SignInFrame } from '@/app/sign-in-frame'
import { CropStep } from '@/components/crop/crop-step'
import { WaysOn } from '@/components/crop/ways-on'
import { FailureNotice } from '@/components/failure-notice'
import { withStoreDeadline } from '@/lib/images/deadline'
import { resolveUpload } from '@/lib/images/image-ref'
import { openUpload } from '@/lib/images/open-upload'
import { CropId, UploadId } from '@/lib/images/schema'
import { currentUser } from '@/lib/session/current-user'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('common'))('steps.crop') }
}

/** Step 2, and the start of step 3. All that it shows is in the address and in the store, so any host can open it. */
export default async function CropPage({ params, searchParams }: PageProps<'/crop/[uploadId]'>) {
  const user = await currentUser()
  if (!user) return <SignInFrame hasBegun />
  const named = UploadId.safeParse((await params).uploadId).data
  // Decided by the id alone, so that no answer of the store is needed for a 404.
  const resolved = named && resolveUpload(user, named)
  if (!resolved) notFound()
  const { uploadId, collection } = resolved
  const cropId = CropId.safeParse((await searchParams).crop).data ?? null
  const [upload, current] = await Promise.all([
    withStoreDeadline(() => openUpload(user, uploadId, cropId)),
    currentImage(user, collection),
  ])
  if (!upload.ok) {
    return (
      <Frame>
        <FailureNotice failure={upload}>
          <WaysOn code={upload.code} />
        </FailureNotice>
      </Frame>
    )
  }
  const { source, recipe, drawn } = upload.value
  return (
    <Frame>
      <CropStep
        uploadId={uploadId}
        collection={collection}
        source={source}
        recipe={recipe}
        drawn={drawn}
        seen={current.seen}
        saveImage={saveImage}
      />
    </Frame>
  )
}
