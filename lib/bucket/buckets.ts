import 'server-only'
import type { StoreEnv } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketName, publicBaseUrl } from '@/lib/images/storage/bucket-name'
import { type Bucket, connectBucket } from '@/lib/s3/client'

/** Timeout of one try of a request, in milliseconds. */
const timeoutMs = 10_000

/** Creates the clients of a bucket, with the operator's credentials. */
export function connect(env: StoreEnv, name: string): Bucket {
  return connectBucket({ ...env, name, timeoutMs })
}

/** Returns the names of all buckets. */
export function bucketNames(env: StoreEnv): string[] {
  return namesOf(env, collections)
}

/** Returns the names of the buckets whose variants a public base URL serves. */
export function publicBucketNames(env: StoreEnv): string[] {
  return namesOf(
    env,
    collections.filter((collection) => publicBaseUrl(env, collection)),
  )
}

function namesOf(env: StoreEnv, of: typeof collections): string[] {
  return [...new Set(of.map((collection) => bucketName(env, collection)))]
}
