import 'server-only'
import { env } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { bucketName } from './bucket-name'

const connected = new Map<string, Bucket>()

/** The bucket of a collection, its client made once, on first use. */
export function bucketOf(collection: Collection): Bucket {
  const name = bucketName(env(), collection)
  const known = connected.get(name)
  if (known) return known
  const { region, endpoint, publicEndpoint, forcePathStyle, storeTimeoutMs } = env()
  // A try has a quarter of what the whole step has: one that hangs leaves time for another.
  const timeoutMs = storeTimeoutMs / 4
  const bucket = connectBucket({ name, region, endpoint, publicEndpoint, forcePathStyle, timeoutMs })
  connected.set(name, bucket)
  return bucket
}
