'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { type Collection, collectionOf, defaultCollection, findCollection } from '@/lib/images/collections'

/**
 * Returns the collection of the page's address: from its uploadId or, without one, its `collection` parameter.
 * For components without a `collection` prop, such as the header and error notices.
 */
export function useShownCollection(): Collection {
  const [, step, uploadId] = usePathname().split('/')
  const named = findCollection(useSearchParams().get('collection') ?? '')
  return (step === 'crop' && uploadId ? collectionOf(uploadId) : named) ?? defaultCollection
}
