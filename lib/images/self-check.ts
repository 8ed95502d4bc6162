import 'server-only'
import { env } from '@/lib/env'
import { checkClock } from '@/lib/s3/check-clock'
import { checkCors } from '@/lib/s3/check-cors'
import { checkPostPolicy } from '@/lib/s3/check-post-policy'
import { checkPresignedPut } from '@/lib/s3/check-presigned-put'
import { checkReach } from '@/lib/s3/check-reach'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import type { Finding } from '@/lib/s3/finding'
import { bucketOf } from './buckets'
import { collections } from './collections'
import { keys } from './keys'

/** How long a bucket may take to answer for the first time, in milliseconds. */
const patienceMs = 8_000

/** One check of one bucket, made. */
export interface Checked extends Finding {
  check: 'store' | 'clock' | 'policy' | 'cors'
  bucket: string
  ms: number
}

/**
 * Tries out every bucket that this host works with: whether it answers, whether the clocks agree, whether it enforces
 * what the app signs, and whether pages of the site alone may use it (security S8, S25). A bucket that refuses to be
 * listed is not asked further. Probes stand under keys of their own, so that any number of hosts may do it at once.
 * @throws StoreSilent where a store does not answer: nothing is known then
 */
export async function checkBuckets(): Promise<Checked[]> {
  const buckets = new Set(collections.map(bucketOf))
  return (await Promise.all([...buckets].map(checkBucket))).flat()
}

async function checkBucket(bucket: Bucket): Promise<Checked[]> {
  const { region, endpoint, forcePathStyle } = env()
  // What browsers are told need not lead back from here: enforcement is the store's own, by whichever address.
  const near = connectBucket({ name: bucket.name, region, endpoint, publicEndpoint: undefined, forcePathStyle })
  try {
    const reach = await timed(bucket, 'store', () => checkReach(near, keys.probes, patienceMs))
    return reach.verdict === 'ok' ? [reach, ...(await checkBehaviour(bucket, near))] : [reach]
  } finally {
    near.client.destroy()
  }
}

function checkBehaviour(bucket: Bucket, near: Bucket): Promise<Checked[]> {
  const { appOrigin, uploadMethod, acceptsIgnoredPolicies } = env()
  const ifIgnored = acceptsIgnoredPolicies ? 'warning' : 'failed'
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
  work: () => Promise<Finding> | Finding,
): Promise<Checked> {
  const startedAt = performance.now()
  const finding = await work()
  return { check, bucket: name, ...finding, ms: Math.round(performance.now() - startedAt) }
}
