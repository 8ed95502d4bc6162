'use client'

import { useEffect, useState } from 'react'
import { GalleryFailed } from '@/components/gallery/gallery-failed'
import { useShownCollection } from '@/components/use-shown-collection'

/** The store could not be read: nothing like an empty gallery. */
export default function GalleryError({ retry, reset }: { retry: () => void; reset: () => void }) {
  const collection = useShownCollection()
  const [failed] = useState(collection.name)
  useEffect(() => {
    // Next forgets an error when the path changes; that another collection's gallery was opened, we have to tell.
    if (collection.name !== failed) reset()
  }, [collection.name, failed, reset])
  return (
    <main id="main" className="mx-auto w-full max-w-5xl grow px-4 py-8 sm:px-6">
      <GalleryFailed retry={retry} />
    </main>
  )
}
