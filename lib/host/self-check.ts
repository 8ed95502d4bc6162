import 'server-only'
import { env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import type { CheckResult } from '@/lib/s3/checks/check-result'
import { checkClock } from '@/lib/s3/checks/clock'
import { checkCors } from '@/lib/s3/checks/cors'
import { checkPostPolicy } from '@/lib/s3/checks/post-policy'
import { checkPresignedPut } from '@/lib/s3/checks/presigned-put'
import { checkReach } from '@/lib/s3/checks/reach'
import { type Bucket, connectBucket } from '@/lib/s3/client'

/** Timeout of the first request to a bucket, in milliseconds, retries included. */
const timeoutMs = 8_000

/** The result of one check of one bucket. */
export interface BucketCheck extends CheckResult {
  check: 'store' | 'clock' | 'policy' | 'cors'
  bucket: string
  ms: number
}

/**
 * Checks every bucket of this host: it answers, the clocks agree, the store enforces what the app signs, and only pages
 * of the site may use it (security S8, S25). Skips the other checks of a bucket that rejects a listing. Each probe has
 * a random key, so any number of hosts can check at once.
 * @throws StoreUnreachable if a store does not answer: there are no results then
 */
export async function checkBuckets(): Promise<BucketCheck[]> {
  const buckets = new Set(collections.map(bucketOf))
  return (await Promise.all([...buckets].map(checkBucket))).flat()
}

async function checkBucket(bucket: Bucket): Promise<BucketCheck[]> {
  const { region, endpoint, forcePathStyle } = env()
  // This host may not reach the address for browsers. The store enforces the same at any address.
  const address = { region, endpoint, publicEndpoint: undefined, forcePathStyle }
  const direct = connectBucket({ name: bucket.name, ...address, timeoutMs })
  try {
    const reach = await timed(bucket, 'store', () => checkReach(direct, keys.probes, timeoutMs))
    return reach.verdict === 'ok' ? [reach, ...(await checkBehaviour(bucket, direct))] : [reach]
  } finally {
    direct.client.destroy()
  }
}

function checkBehaviour(bucket: Bucket, direct: Bucket): Promise<BucketCheck[]> {
  const { appOrigin, uploadMethod, allowUnenforcedUploads } = env()
  const ifIgnored = allowUnenforcedUploads ? 'warning' : 'failed'
  const checkUploads = uploadMethod === 'put' ? checkPresignedPut : checkPostPolicy
  const cors = { origin: appOrigin, uploadMethod: uploadMethod === 'put' ? 'PUT' : 'POST', key: keys.probe() } as const
  return Promise.all([
    timed(bucket, 'clock', () => checkClock(direct.clock)),
    timed(bucket, 'policy', () => checkUploads(direct, keys.probe, ifIgnored)),
    timed(bucket, 'cors', () => checkCors(bucket, cors)),
  ])
}

async function timed(
  { name }: Bucket,
  check: BucketCheck['check'],
  run: () => Promise<CheckResult> | CheckResult,
): Promise<BucketCheck> {
  const startedAt = performance.now()
  const result = await run()
  return { check, bucket: name, ...result, ms: Math.round(performance.now() - startedAt) }
}
