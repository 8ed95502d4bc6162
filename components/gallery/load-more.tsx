import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { Collection } from '@/lib/images/collections'
import type { GalleryPage } from '@/lib/images/schema'
import { RequestFailure } from './request-failure'
import { useRequest } from './use-request'

interface LoadMoreProps {
  collection: Collection
  cursor: string
  onLoaded: (page: GalleryPage) => void
}

/** Loads the next page of photos. */
export function LoadMore({ collection: { name: collection }, cursor, onLoaded }: LoadMoreProps) {
  const translate = useTranslations('gallery')
  const { busy, failed, run } = useRequest<'more'>()
  return (
    <div className="mt-10 flex justify-center">
      {failed ? (
        <RequestFailure failed={failed} busy={busy !== null} sentence={translate('loadMoreFailed')} />
      ) : (
        <Button
          size="large"
          busy={busy !== null}
          onClick={() => run('more', () => api.listImages({ collection, cursor }), onLoaded)}
        >
          {translate('loadMore')}
        </Button>
      )}
    </div>
  )
}
