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

/** How long a bucket may take to answer for the first time, in milliseconds. */
const timeoutMs = 8_000

/** One check of one bucket, made. */
export interface Checked extends CheckResult {
  check: 'store' | 'clock' | 'policy' | 'cors'
  bucket: string
  ms: number
}

/**
 * Tries out every bucket that this host works with: whether it answers, whether the clocks agree, whether it enforces
 * what the app signs, and whether pages of the site alone may use it (security S8, S25). A bucket that refuses to be
 * listed is not asked further. Probes stand under keys of their own, so that any number of hosts may do it at once.
 * @throws StoreUnreachable where a store does not answer: nothing is known then
 */
export async function checkBuckets(): Promise<Checked[]> {
  const buckets = new Set(collections.map(bucketOf))
  return (await Promise.all([...buckets].map(checkBucket))).flat()
}

async function checkBucket(bucket: Bucket): Promise<Checked[]> {
  const { region, endpoint, forcePathStyle } = env()
  // What browsers are told need not lead back from here: enforcement is the store's own, by whichever address.
  const address = { region, endpoint, publicEndpoint: undefined, forcePathStyle }
  const near = connectBucket({ name: bucket.name, ...address, timeoutMs })
  try {
    const reach = await timed(bucket, 'store', () => checkReach(near, keys.probes, timeoutMs))
    return reach.verdict === 'ok' ? [reach, ...(await checkBehaviour(bucket, near))] : [reach]
  } finally {
    near.client.destroy()
  }
}

function checkBehaviour(bucket: Bucket, near: Bucket): Promise<Checked[]> {
  const { appOrigin, uploadMethod, allowUnenforcedUploads } = env()
  const ifIgnored = allowUnenforcedUploads ? 'warning' : 'failed'
  const checkUploads = uploadMethod === 'put' ? checkPresignedPut : checkPostPolicy
  const cors = { origin: appOrigin, uploadMethod: uploadMethod === 'put' ? 'PUT' : 'POST', key: keys.probe() } as const
  return Promise.all([
    timed(bucket, 'clock', () => checkClock(near.clock)),
    timed(bucket, 'policy', () => checkUploads(near, keys.probe, ifIgnored)),
    timed(bucket, 'cors', () => checkCors(bucket, cors)),
  ])
}

async function timed(
  { name }: Bucket,
  check: Checked['check'],
  work: () => Promise<CheckResult> | CheckResult,
): Promise<Checked> {
  const startedAt = performance.now()
  const finding = await work()
  return { check, bucket: name, ...finding, ms: Math.round(performance.now() - startedAt) }
}
