import 'server-only'
import { type Env, env } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { bucketName } from './bucket-name'

const connected = new Map<string, Bucket>()

/** Returns the bucket of a collection. Creates its S3 client on first use. */
export function bucketOf(collection: Collection): Bucket {
  const name = bucketName(env(), collection)
  const known = connected.get(name)
  if (known) return known
  const bucket = connect(env(), name)
  connected.set(name, bucket)
  return bucket
}

/** Creates the clients of a bucket. */
export function connect(configuration: Env, name: string): Bucket {
  const { region, endpoint, publicEndpoint, forcePathStyle, storeTimeoutMs } = configuration
  // Each attempt gets a quarter of the step's deadline, so an attempt that hangs leaves time for retries.
  const timeoutMs = storeTimeoutMs / 4
  return connectBucket({ name, region, endpoint, publicEndpoint, forcePathStyle, timeoutMs })
}
