import 'server-only'
import { notFound } from 'next/navigation'
import { type Collection, defaultCollection, findCollection } from '@/lib/images/collections'

/** Returns the collection named by a page's `collection` parameter, or the default one. An unknown name is a 404. */
export async function collectionParam(
  searchParams: Promise<Record<string, string | string[] | undefined>>,
): Promise<Collection> {
  const { collection: name } = await searchParams
  if (name === undefined) return defaultCollection
  return (typeof name === 'string' && findCollection(name)) || notFound()
}
