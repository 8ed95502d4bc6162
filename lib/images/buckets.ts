import 'server-only'
import { env } from '@/lib/env'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { bucketName } from './bucket-name'
import type { Collection } from './collections'

const connected = new Map<string, Bucket>()

/** The bucket of a collection, its client made once, on first use. */
export function bucketOf(collection: Collection): Bucket {
  const name = bucketName(env(), collection)
  const known = connected.get(name)
  if (known) return known
  const { region, endpoint, publicEndpoint, forcePathStyle, storePatienceMs } = env()
  // A try has a quarter of what the whole step has: one that hangs leaves time for another.
  const patienceMs = storePatienceMs / 4
  const bucket = connectBucket({ name, region, endpoint, publicEndpoint, forcePathStyle, patienceMs })
  connected.set(name, bucket)
  return bucket
}
