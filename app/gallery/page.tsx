import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { deleteImages, describeImage, listImages, recropImage, setCurrentImage } from '@/app/actions'
import { collectionParam } from '@/app/collection-param'
import { guard } from '@/app/edge'
import { Frame } from '@/app/frame'
import { trailOf } from '@/app/reads'
import { cleanUpAfterResponse } from '@/app/schedule-cleanup'
import { SignInFrame } from '@/app/sign-in-frame'
import { CollectionChoice } from '@/components/collection-choice'
import { collectionWords } from '@/components/collection-words'
import { GallerySkeleton } from '@/components/gallery/gallery-skeleton'
import { KeptGallery } from '@/components/gallery/kept-gallery'
import type { Collection } from '@/lib/images/collections'
import { listGallery, pageSize, toGalleryPage } from '@/lib/images/gallery'
import { currentUser } from '@/lib/session/current-user'
import type { User } from '@/lib/session/user'

export async function generateMetadata({ searchParams }: PageProps<'/gallery'>): Promise<Metadata> {
  const collection = await collectionParam(searchParams)
  return { title: collectionWords(await getTranslations(), collection)('gallery.title') }
}

/**
 * Everything a person saved in a collection, newest first. What is read stands in a Suspense of the page's own and not
 * in a loading.tsx, which would be sent, with 200, before an unknown collection is found out.
 */
export default async function GalleryPage({ searchParams }: PageProps<'/gallery'>) {
  const collection = await collectionParam(searchParams)
  const user = await currentUser()
  if (!user) return <SignInFrame />
  return (
    <Frame>
      <CollectionChoice page="gallery" shown={collection} />
      <Suspense key={collection.name} fallback={<GallerySkeleton collection={collection} />}>
        <Pictures user={user} collection={collection} />
      </Suspense>
    </Frame>
  )
}

/** The first page of pictures, read anew. A failure is told instead of thrown: it must not take away what is shown. */
async function Pictures({ user, collection }: { user: User; collection: Collection }) {
  const trail = trailOf(user, collection)
  const reading = guard('gallery', () =>
    listGallery(user, collection, trail, { cursor: null, limit: pageSize.standard }),
  )
  cleanUpAfterResponse(user, collection, trail, reading)
  const first = await reading
  return (
    <KeptGallery
      collection={collection}
      first={first.ok ? toGalleryPage(first.value) : null}
      listImages={listImages}
      setCurrentImage={setCurrentImage}
      recropImage={recropImage}
      deleteImages={deleteImages}
      describeImage={describeImage}
    />
  )
}
