'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { type Collection, collectionOf, defaultCollection, findCollection } from '@/lib/images/collections'

/**
 * The collection that the page's address is of: by its parameter or, on a crop page, by the uploadId.
 * It is for what the page does not hand its collection to: what leads on, and what stands in for the page.
 */
export function useShownCollection(): Collection {
  const [, step, uploadId = ''] = usePathname().split('/')
  const named = findCollection(useSearchParams().get('collection') ?? '')
  return (step === 'crop' ? collectionOf(uploadId) : named) ?? defaultCollection
}
