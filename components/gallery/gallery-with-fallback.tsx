'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ComponentProps, useState, useTransition } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import { Gallery } from './gallery'
import { GalleryHeader } from './gallery-layout'
import type { LoadedImages } from './loaded-images'

type GalleryWithFallbackProps = Omit<ComponentProps<typeof Gallery>, 'first'> & {
  /** The first page as the server just read it, or null if reading failed. */
  first: LoadedImages | null
}

/**
 * The gallery as it was last read. If a refresh fails, it keeps its images and shows a notice. If the first read fails,
 * it shows only the notice, never an empty gallery (U18).
 */
export function GalleryWithFallback({ first, ...props }: GalleryWithFallbackProps) {
  const translate = useTranslations('gallery')
  const router = useRouter()
  const [reading, startReading] = useTransition()
  const [latest, setLatest] = useState(first)
  if (first && first !== latest) setLatest(first)

  const failed = !first && (
    <FailureNotice failure={{ code: 'internal' }} sentence={translate(latest ? 'refreshFailed' : 'failed')}>
      <Button busy={reading} onClick={() => startReading(() => router.refresh())}>
        {translate('retry')}
      </Button>
    </FailureNotice>
  )
  if (latest) {
    return (
      <>
        {failed && <div className="mb-6">{failed}</div>}
        <Gallery first={latest} {...props} />
      </>
    )
  }
  return (
    <section>
      <GalleryHeader collection={props.collection} />
      {failed}
    </section>
  )
}
