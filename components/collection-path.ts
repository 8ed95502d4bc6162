import { type Collection, defaultCollection } from '@/lib/images/collections'

/** The address of a collection's upload page or gallery. The default collection needs no parameter. */
export function pagePath(page: 'upload' | 'gallery', { name }: Collection): string {
  return name === defaultCollection.name ? `/${page}` : `/${page}?collection=${name}`
}
