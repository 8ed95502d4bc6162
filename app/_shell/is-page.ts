import 'server-only'
import { findCollection } from '@/lib/images/collections'
import { UploadId } from '@/lib/images/schema'
import { resolveUpload } from '@/lib/images/storage/image-ref'
import type { User } from '@/lib/session/user'

/**
 * Returns whether a person gets a page at this address, not a 404. The address alone decides, so a 404 costs no request
 * to the store, however many of them a client requests (security S40).
 * @param address path and query
 */
export function isPage(address: string, user: User): boolean {
  const { pathname, searchParams } = new URL(`http://localhost${address}`)
  const uploadId = UploadId.safeParse(/^\/crop\/([^/]+)$/.exec(pathname)?.[1]).data
  if (uploadId) return resolveUpload(user, uploadId) !== null
  const [collection, another] = searchParams.getAll('collection')
  const isKnown = collection === undefined || (another === undefined && findCollection(collection) !== undefined)
  return pathname === '/' || (isKnown && ['/upload', '/crop', '/gallery', '/account', '/sign-in'].includes(pathname))
}
