import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { collectionName, pagePath } from '@/components/collection'
import { type Collection, collections } from '@/lib/images/collections'

interface CollectionChoiceProps {
  page: 'upload' | 'gallery'
  shown: Collection
}

/** Links to the same page of every collection. Renders nothing if there is only one collection. */
export function CollectionChoice({ page, shown }: CollectionChoiceProps) {
  const translate = useTranslations()
  if (collections.length === 1) return null
  return (
    <nav aria-label={translate('common.collections')} className="mb-6">
      <ul className="inline-flex max-w-full flex-wrap gap-0.5 rounded-lg border border-control bg-surface p-0.5 text-sm">
        {collections.map((collection) => (
          <li key={collection.name}>
            <Link
              href={pagePath(page, collection)}
              aria-current={collection.name === shown.name ? 'page' : undefined}
              className="inline-flex min-h-9 items-center rounded-md px-3.5 text-muted hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent pointer-coarse:min-h-11 forced-colors:aria-[current=page]:outline-2"
            >
              {collectionName(translate, collection)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
