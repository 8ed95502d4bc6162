import 'server-only'
import { type Env, env } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'
import { perProcess } from '@/lib/per-process'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { createStoreClock, type StoreClock } from '@/lib/s3/clock'
import { bucketName } from './bucket-name'

const connected = new Map<string, Bucket>()

/**
 * The store's time, by bucket name. The self-check of a starting host sets it for all routes: they seal and open
 * cookies before they ask the store for anything.
 */
const clocks = perProcess('store-clocks', () => new Map<string, StoreClock>())

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
  const clock = clocks.get(name) ?? createStoreClock()
  clocks.set(name, clock)
  return connectBucket({ name, region, endpoint, publicEndpoint, forcePathStyle, timeoutMs }, clock)
}
