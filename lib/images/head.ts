import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import type { Collection } from './collections'
import { isShown } from './entries'
import { findHead, readTrail, type Trail, type TrailItem } from './trail'

/** Reads a trail and its head. */
export async function readHead(
  bucket: Bucket,
  uid: string,
  collection: Collection,
): Promise<{ trail: Trail; head: TrailItem | null }> {
  const trail = await readTrail(bucket, uid, collection)
  return { trail, head: await headOf(bucket, uid, trail) }
}

/** The head of a trail: no request, but one for each save that was killed or is under way on top of it. */
export function headOf(bucket: Bucket, uid: string, trail: Trail): Promise<TrailItem | null> {
  return findHead(trail, (image) => isShown(bucket, uid, trail, image))
}
