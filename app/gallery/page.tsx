import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { trailOf } from '@/app/_shell/cached-queries'
import { collectionParam } from '@/app/_shell/collection-param'
import { GuestPhotos } from '@/app/_shell/guest-photos'
import { PageShell } from '@/app/_shell/page-shell'
import { pageUser } from '@/app/_shell/page-user'
import { runStep } from '@/app/_shell/run-step'
import { cleanUpAfterResponse } from '@/app/_shell/schedule-cleanup'
import { collectionWords } from '@/components/collection'
import { GalleryEmpty, GallerySkeleton } from '@/components/gallery/gallery-layout'
import { GalleryWithFallback } from '@/components/gallery/gallery-with-fallback'
import { CollectionChoice } from '@/components/layout/collection-choice'
import type { Collection } from '@/lib/images/collections'
import { showUsed } from '@/lib/images/current'
import { listGallery, pageSize } from '@/lib/images/gallery'
import type { User } from '@/lib/session/user'

export async function generateMetadata({ searchParams }: PageProps<'/gallery'>): Promise<Metadata> {
  const collection = await collectionParam(searchParams)
  return { title: collectionWords(await getTranslations(), collection)('gallery.title') }
}

/**
 * Everything a person saved in a collection, newest first. Uses Suspense instead of a loading.tsx, which would send
 * status 200 before an unknown collection becomes a 404.
 */
export default async function GalleryPage({ searchParams }: PageProps<'/gallery'>) {
  const collection = await collectionParam(searchParams)
  const user = await pageUser()
  return (
    <PageShell>
      <CollectionChoice page="gallery" shown={collection} />
      {user ? (
        <>
          <Suspense>
            <GuestPhotos />
          </Suspense>
          <Suspense key={collection.name} fallback={<GallerySkeleton collection={collection} />}>
            <Images user={user} collection={collection} />
          </Suspense>
        </>
      ) : (
        // No wall: the first upload creates the guest, and a browser without one has no photos.
        <GalleryEmpty collection={collection} isSignedOut />
      )}
    </PageShell>
  )
}

/** The first page of images. Does not throw on failure, so that a failed refresh keeps the shown images. */
async function Images({ user, collection }: { user: User; collection: Collection }) {
  const trail = trailOf(user, collection)
  const reading = runStep('gallery', (details) => {
    details.collection = collection.name
    return listGallery(user, collection, trail, { cursor: null, limit: pageSize.default })
  })
  cleanUpAfterResponse(user, collection, trail, reading)
  const first = await reading
  if (!first.ok) return <GalleryWithFallback collection={collection} first={null} />
  const shown = { ...first.value.page, ...showUsed(await trail) }
  return <GalleryWithFallback collection={collection} first={shown} />
}
