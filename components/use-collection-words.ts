import { useTranslations } from 'next-intl'
import type { Collection } from '@/lib/images/collections'
import { collectionWords } from './collection-words'

/** `collectionWords` for components. */
export function useCollectionWords(collection: Collection) {
  return collectionWords(useTranslations(), collection)
}
