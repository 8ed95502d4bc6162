'use client'

import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'

/** Warns if the largest variant must be upscaled. Screen readers announce it once, when it appears. */
export function TooSmallNotice({ area, collection }: { area: Size | null; collection: Collection }) {
  const translate = useTranslations('crop')
  const largest = collection.variants[0]
  const isTooSmall = area && largest && area.width < largest.width
  return (
    <div role="status" className="empty:sr-only">
      {isTooSmall && (
        <p className="flex gap-2.5 max-w-prose rounded-card bg-raised px-4 py-2.5 text-sm">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>{translate('tooSmall', { width: largest.width, height: largest.height })}</span>
        </p>
      )}
    </div>
  )
}
