import 'server-only'
import type { StoreEnv } from '@/lib/env'
import { createBucket, findBucket } from '@/lib/s3/bucket-settings'
import { toCheckResult } from '@/lib/s3/checks/check-result'
import type { Bucket } from '@/lib/s3/client'
import { refusalOf } from '@/lib/s3/refusal'
import { bucketNames, connect, publicBucketNames } from './buckets'
import type { Finding } from './finding'
import { type Plan, planSetting, unchanged } from './plan-setting'
import { settingsOf } from './settings'

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
  const buckets = bucketNames(env).map((name) => connect(env, name))
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
  const settings = settingsOf(env, publicBucketNames(env).includes(bucket.name))

  let found: Awaited<ReturnType<typeof findBucket>>
  try {
    found = await findBucket(bucket)
  } catch (error) {
    return unchanged(describeUnusableBucket(error))
  }
  if (found?.region && found.region !== env.region) return unchanged(wrongRegion(found.region))
  if (found) {
    const exists = finding('ok', 'The bucket exists.')
    const plans = await inSequence(settings, (setting) => planSetting(bucket, setting))
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
      const applied = await inSequence(settings, async (setting) => (await planSetting(bucket, setting)).apply())
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
