'use client'

import { useTranslations } from 'next-intl'
import { CollectionChoice } from '@/components/collection-choice'
import { FailureNotice } from '@/components/failure-notice'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import { GalleryHeader } from './gallery-header'

/** The gallery when its pictures could not be read: it says so, and never looks like an empty one. */
export function GalleryFailed({ retry }: { retry: () => void }) {
  const translate = useTranslations('gallery')
  const collection = useShownCollection()
  return (
    <section>
      <CollectionChoice page="gallery" shown={collection} />
      <GalleryHeader collection={collection} />
      <FailureNotice failure={{ code: 'internal' }} sentence={translate('failed')}>
        <Button onClick={retry}>{translate('retry')}</Button>
      </FailureNotice>
    </section>
  )
}
