import 'server-only'
import { env } from '@/lib/env'
import { type Collection, collections } from '@/lib/images/collections'
import { publicBaseUrl } from '@/lib/images/storage/bucket-name'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import { expiryDays, prefixes } from '@/lib/images/storage/prefixes'
import { checkAnonymous } from '@/lib/s3/checks/anonymous'
import type { CheckResult } from '@/lib/s3/checks/check-result'
import { checkClock } from '@/lib/s3/checks/clock'
import { checkCors } from '@/lib/s3/checks/cors'
import { checkCredentials } from '@/lib/s3/checks/credentials'
import { judgeLifecycle, judgeVersions, readRules } from '@/lib/s3/checks/lifecycle'
import { judgeProbes, removeProbes, tryProbes, writeProbes } from '@/lib/s3/checks/objects'
import { checkPostPolicy } from '@/lib/s3/checks/post-policy'
import { checkPresignedPut } from '@/lib/s3/checks/presigned-put'
import { checkPublicUrl } from '@/lib/s3/checks/public-url'
import { checkReach } from '@/lib/s3/checks/reach'
import { settleAll } from '@/lib/s3/checks/settle-all'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { longestSignatureMs } from '@/lib/s3/presign'
import { refusalOfVersions } from '@/lib/s3/versions'

/** Timeout of the first request to a bucket, in milliseconds, retries included. */
const timeoutMs = 8_000

/** The prefix of what people see. It may be public. */
const publicPrefix = 'media/'
const lifecycle = {
  expiring: prefixes.flatMap((prefix) => ({ prefix, days: expiryDays[prefix] ?? 0 })).filter(({ days }) => days > 0),
  kept: prefixes.filter((prefix) => !expiryDays[prefix]),
}

/** The result of one check of one bucket. */
export interface BucketCheck extends CheckResult {
  check:
    | 'store'
    | 'clock'
    | 'credentials'
    | 'policy'
    | 'cors'
    | 'access'
    | 'anonymous'
    | 'public'
    | 'lifecycle'
    | 'versions'
  bucket: string
  ms: number
}

/**
 * Checks every bucket of this host: it answers, the clocks agree, the store enforces what the app signs, the credentials
 * may do what the app does, and no one else may (security S8, S25, S41). Skips the other checks of a bucket that rejects
 * a listing. Each test object has a random key, so any number of hosts can check at once.
 * @throws StoreUnreachable if a store does not answer: there are no results then
 */
export async function checkBuckets(): Promise<BucketCheck[]> {
  const buckets = new Set(collections.map(bucketOf))
  return (await settleAll([...buckets].map(checkBucket))).flat()
}

async function checkBucket(bucket: Bucket): Promise<BucketCheck[]> {
  const { region, endpoint, forcePathStyle } = env()
  // This host may not reach the address for browsers. The store enforces the same at any address.
  const address = { region, endpoint, publicEndpoint: undefined, forcePathStyle }
  const direct = connectBucket({ name: bucket.name, ...address, timeoutMs })
  try {
    const reach = await timed(bucket, 'store', () => checkReach(direct, keys.probes, timeoutMs))
    if (reach.verdict !== 'ok') return [reach]
    const checks = await settleAll([
      timed(bucket, 'clock', () => checkClock(direct.clock)),
      timed(bucket, 'credentials', () => checkCredentials(direct, longestSignatureMs)),
      timed(bucket, 'policy', () => checkUploads(direct)),
      checkObjects(bucket, direct),
    ])
    return [reach, ...checks.flat()]
  } finally {
    direct.client.destroy()
  }
}

function checkUploads(direct: Bucket): Promise<CheckResult> {
  const { uploadMethod, allowUnenforcedUploads } = env()
  const check = uploadMethod === 'put' ? checkPresignedPut : checkPostPolicy
  return check(direct, keys.probe, allowUnenforcedUploads ? 'warning' : 'failed')
}

/** Writes a test object under each prefix, runs the checks that need them, and removes them. */
async function checkObjects(bucket: Bucket, direct: Bucket): Promise<BucketCheck[]> {
  const startedAt = performance.now()
  const [probes, rules] = await settleAll([
    writeProbes(
      direct,
      prefixes.map((prefix) => ({ prefix, key: keys.probe(prefix) })),
    ),
    readRules(direct),
  ])
  const incoming = probes.written.find(({ prefix }) => prefix === 'incoming/')
  let checks: BucketCheck[]
  try {
    const [, ...results] = await settleAll([
      tryProbes(direct, probes),
      timed(bucket, 'anonymous', () => checkAnonymous(direct, probes, publicPrefix)),
      timed(bucket, 'cors', () =>
        // Only `direct` knows the store's time so far.
        checkCors(
          { ...bucket, clock: direct.clock },
          {
            origin: env().appOrigin,
            uploadMethod: env().uploadMethod,
            key: incoming?.key ?? keys.probe(),
            isWritten: incoming !== undefined,
          },
        ),
      ),
      ...baseUrlsOf(bucket).map((base) => timed(bucket, 'public', () => checkPublicUrl(base, probes, publicPrefix))),
    ])
    checks = results
  } finally {
    await removeProbes(direct, probes)
  }
  const isVersioned = probes.written.length > 0 ? probes.isVersioned : undefined
  const refusal = isVersioned ? await refusalOfVersions(direct, keys.probes) : null
  const ms = Math.round(performance.now() - startedAt)
  return [
    { check: 'access', bucket: bucket.name, ...judgeProbes(bucket, probes), ms },
    ...checks,
    {
      check: 'lifecycle',
      bucket: bucket.name,
      ...judgeLifecycle(bucket, rules, lifecycle),
      ms,
    },
    {
      check: 'versions',
      bucket: bucket.name,
      ...judgeVersions(isVersioned, rules, prefixes, { name: bucket.name, refusal }),
      ms,
    },
  ]
}

/** Returns the public base URLs of the collections in a bucket. */
function baseUrlsOf(bucket: Bucket): string[] {
  const own = collections.filter((collection: Collection) => bucketOf(collection) === bucket)
  return [...new Set(own.flatMap((collection) => publicBaseUrl(env(), collection) ?? []))]
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
