import 'server-only'
import type { StoreEnv } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketName, publicBaseUrl } from '@/lib/images/storage/bucket-name'
import { createBucket, findBucket } from '@/lib/s3/bucket-settings'
import { refusalOf, toCheckResult } from '@/lib/s3/checks/check-result'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import type { Finding } from './finding'
import { type Plan, planSetting } from './plan-setting'
import { settingsOf } from './settings'

/** Timeout of one try of a request, in milliseconds. */
const timeoutMs = 10_000

/**
 * Creates the bucket of each collection, and sets what the app needs. Idempotent. Keeps all objects, and the rules and
 * policies of others.
 * @param options.isDryRun true stops after the plan
 * @param options.showPlan receives the plan before anything changes
 * @throws StoreUnreachable
 */
export async function runCreate(
  env: StoreEnv,
  { isDryRun, showPlan }: { isDryRun: boolean; showPlan(findings: Finding[]): void },
): Promise<Finding[]> {
  const names = new Set(collections.map((collection) => bucketName(env, collection)))
  const buckets = [...names].map((name) => connectBucket({ ...env, name, timeoutMs }))
  try {
    const plans = await inSequence(buckets, (bucket) => planBucket(env, bucket))
    const planned = plans.flatMap(({ findings }) => findings)
    if (isDryRun || planned.every(({ verdict }) => verdict !== 'planned')) return planned
    showPlan(planned)
    return (await inSequence(plans, ({ apply }) => apply())).flat()
  } finally {
    for (const { client } of buckets) client.destroy()
  }
}

async function planBucket(env: StoreEnv, bucket: Bucket): Promise<Plan> {
  const finding = (verdict: Finding['verdict'], message: string, fix?: string): Finding => {
    return { verdict, check: 'bucket', bucket: bucket.name, message, ...(fix && { fix }) }
  }
  const only = (single: Finding): Plan => ({ findings: [single], apply: async () => [single] })
  const isMediaPublic = collections.some(
    (collection) => bucketName(env, collection) === bucket.name && publicBaseUrl(env, collection),
  )
  const settings = settingsOf(env, isMediaPublic)

  let found: Awaited<ReturnType<typeof findBucket>>
  try {
    found = await findBucket(bucket)
  } catch (error) {
    return only(describeUnusableBucket(error))
  }
  if (found?.region && found.region !== env.region) return only(wrongRegion(found.region))
  if (found) {
    const exists = finding('ok', 'The bucket exists.')
    const plans = await inSequence(settings, (setting) => planSetting(env, bucket, setting))
    return {
      findings: [exists, ...plans.flatMap(({ findings }) => findings)],
      apply: async () => [exists, ...(await inSequence(plans, ({ apply }) => apply())).flat()],
    }
  }

  return {
    findings: [
      finding('planned', `Create the bucket in ${env.region}.`),
      ...settings.map(({ check, what }) => ({ ...finding('planned', `Set ${what}.`), check })),
    ],
    async apply() {
      try {
        await createBucket(bucket)
      } catch (error) {
        return [describeFailedCreation(error)]
      }
      const created = finding('changed', `Created the bucket in ${env.region}.`)
      const applied = await inSequence(settings, async (setting) => (await planSetting(env, bucket, setting)).apply())
      return [created, ...applied.flat()]
    },
  }

  function wrongRegion(region: string): Finding {
    const message = `The bucket exists in ${region}, and AWS_REGION is ${env.region}.`
    return finding('failed', message, `Set AWS_REGION=${region}, or choose another bucket name.`)
  }

  /** Describes why the bucket cannot be looked at. @throws StoreUnreachable */
  function describeUnusableBucket(error: unknown): Finding {
    const refusal = refusalOf(error)
    if (refusal?.region && refusal.region !== env.region) return wrongRegion(refusal.region)
    if (refusal?.status !== 403) return { ...finding('failed', ''), ...toCheckResult('look at the bucket', error) }
    return finding(
      'failed',
      'These credentials may not use the bucket. It may belong to another account.',
      'Use the credentials of the bucket owner, or choose another name for S3_BUCKET or S3_BUCKET_<COLLECTION>.',
    )
  }

  /** Describes why the bucket could not be created. @throws StoreUnreachable */
  function describeFailedCreation(error: unknown): Finding {
    const { code } = refusalOf(error) ?? {}
    if (code === 'BucketAlreadyExists') {
      return finding('failed', 'The name belongs to another account.', 'Choose another name for the bucket.')
    }
    if (code?.endsWith('LocationConstraint') || code === 'IllegalLocationConstraintException') {
      const message = `The store cannot create a bucket in ${env.region}: it answered ${code}.`
      return finding('failed', message, "Set AWS_REGION to the store's region. On Ceph radosgw that is us-east-1.")
    }
    const fix = 'Use credentials with the right s3:CreateBucket.'
    return {
      ...finding('failed', ''),
      ...toCheckResult('create the bucket', error),
      ...(code?.includes('Denied') && { fix }),
    }
  }
}

async function inSequence<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}
