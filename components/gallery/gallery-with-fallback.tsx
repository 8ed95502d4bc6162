'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ComponentProps, useState, useTransition } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import type { GalleryPage } from '@/lib/images/schema'
import { Gallery } from './gallery'
import { GalleryHeader } from './gallery-header'

type GalleryWithFallbackProps = Omit<ComponentProps<typeof Gallery>, 'first'> & {
  /** The newest pictures as the server just read them, or null where it could not. */
  first: GalleryPage | null
}

/**
 * The gallery as it could be read last: where reading it again fails, what is shown stays, and it says so. One that
 * could never be read looks nothing like an empty one.
 */
export function GalleryWithFallback({ first, ...props }: GalleryWithFallbackProps) {
  const translate = useTranslations('gallery')
  const router = useRouter()
  const [reading, startReading] = useTransition()
  const [kept, setKept] = useState(first)
  if (first && first !== kept) setKept(first)

  const failed = !first && (
    <FailureNotice failure={{ code: 'internal' }} sentence={translate(kept ? 'refreshFailed' : 'failed')}>
      <Button busy={reading} onClick={() => startReading(() => router.refresh())}>
        {translate('retry')}
      </Button>
    </FailureNotice>
  )
  if (kept) {
    return (
      <>
        {failed && <div className="mb-6">{failed}</div>}
        <Gallery first={kept} {...props} />
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
