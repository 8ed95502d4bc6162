import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { StoreEnv } from '@/lib/env'
import { prefixes } from '@/lib/images/storage/prefixes'
import {
  type BucketPolicy,
  type PolicyStatement,
  readBucketPolicy,
  readPublicAccessBlock,
  writeBucketPolicy,
  writePublicAccessBlock,
} from '@/lib/s3/bucket-settings'
import { toCheckResult } from '@/lib/s3/checks/check-result'
import type { Bucket } from '@/lib/s3/client'
import { refusalOf } from '@/lib/s3/refusal'
import { awsCommand } from './aws-command'
import { bucketNames, connect, publicBucketNames } from './buckets'
import type { Finding } from './finding'
import { cloudfrontStatements, hostStatements, publicStatements, radosgwStatements } from './statements'
import { UsageError } from './usage-error'

export interface PolicyOptions {
  /** Form of the policy: `iam`, `radosgw`, `words`, `public` or `cloudfront`. */
  as: string
  /** The radosgw user of the hosts. */
  user: string | undefined
  /** The ARN of the CloudFront distribution. */
  distribution: string | undefined
  isJson: boolean
}

/** Returns the policy as text to copy. @throws UsageError */
export function printPolicy(env: StoreEnv, options: PolicyOptions): string {
  if (options.as === 'words') return inWords(bucketNames(env))
  if (options.as === 'iam')
    return `${JSON.stringify(document(hostStatements(env.region, bucketNames(env))), null, 2)}\n`
  const policies = bucketPolicies(env, options).map(([bucket, statements]) => [bucket, document(statements)] as const)
  if (options.isJson) return `${JSON.stringify(Object.fromEntries(policies), null, 2)}\n`
  const lines = policies.map(([bucket, policy]) => awsCommand(env, bucket, 'put-bucket-policy --policy', policy))
  return lines.map((line) => `${line}\n`).join('')
}

/**
 * Sets the policy on its buckets with the operator's credentials. Keeps the statements of others.
 * @throws UsageError @throws StoreUnreachable
 */
export async function applyPolicy(env: StoreEnv, options: PolicyOptions): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [bucket, statements] of bucketPolicies(env, options)) {
    findings.push(await applyToBucket(env, bucket, statements))
  }
  return findings
}

async function applyToBucket(env: StoreEnv, name: string, statements: PolicyStatement[]): Promise<Finding> {
  const bucket = connect(env, name)
  const finding = { check: 'policy', bucket: name }
  const isPublic = statements.some(({ Principal }) => Principal === '*')
  try {
    const current = await readBucketPolicy(bucket)
    const isOwn = ({ Sid }: PolicyStatement) => statements.some((statement) => statement.Sid === Sid)
    const wanted = [...current.filter((statement) => !isOwn(statement)), ...statements]
    if (isDeepStrictEqual(comparable(current), comparable(wanted))) {
      return { ...finding, verdict: 'ok', message: 'Has the policy.' }
    }
    await (env.endpoint && !isPublic ? writePastBlock : writeBucketPolicy)(bucket, document(wanted))
    return { ...finding, verdict: 'changed', message: 'Set the policy.' }
  } catch (error) {
    const result = toCheckResult('set the bucket policy', error)
    if (refusalOf(error)?.status !== 403) return { ...finding, ...result }
    const fix = 'Use credentials with s3:GetBucketPolicy and s3:PutBucketPolicy'
    const unblock = ', and turn BlockPublicPolicy off in the public access block of the bucket'
    return { ...finding, ...result, fix: `${fix}${isPublic ? unblock : ''}.` }
  } finally {
    bucket.client.destroy()
  }
}

/** radosgw 16 rejects every policy, also one that is not public, while BlockPublicPolicy is on. */
async function writePastBlock(bucket: Bucket, policy: BucketPolicy): Promise<void> {
  try {
    await writeBucketPolicy(bucket, policy)
  } catch (error) {
    const isRefused = refusalOf(error)?.status === 403
    const block = isRefused ? await readPublicAccessBlock(bucket) : {}
    if (!block.BlockPublicPolicy) throw error
    await writePublicAccessBlock(bucket, { ...block, BlockPublicPolicy: false })
    try {
      await writeBucketPolicy(bucket, policy)
    } finally {
      await writePublicAccessBlock(bucket, block)
    }
  }
}

/** AWS returns a list of one as its only item. */
function comparable(statements: PolicyStatement[]): unknown {
  return JSON.parse(JSON.stringify(statements), (_, value) =>
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  )
}

/** Returns the statements for the policy of each bucket. @throws UsageError */
function bucketPolicies(env: StoreEnv, options: PolicyOptions): [bucket: string, statements: PolicyStatement[]][] {
  const { as, user, distribution } = options
  if (as === 'radosgw') {
    if (!user) throw new UsageError('--as radosgw needs --user, the radosgw user of the hosts.')
    return bucketNames(env).map((bucket) => [bucket, radosgwStatements(bucket, user)])
  }
  if (as === 'public') return publicBuckets(env).map((bucket) => [bucket, publicStatements(env.region, bucket)])
  if (as === 'cloudfront') {
    if (!distribution) throw new UsageError('--as cloudfront needs --distribution, the ARN of the distribution.')
    return publicBuckets(env).map((bucket) => [bucket, cloudfrontStatements(env.region, bucket, distribution)])
  }
  if (as === 'iam' || as === 'words') throw new UsageError(`--apply sets bucket policies, and --as ${as} is none.`)
  throw new UsageError(`Unknown policy: ${as}. Use iam, radosgw, words, public or cloudfront.`)
}

/** @throws UsageError if there are none */
function publicBuckets(env: StoreEnv): string[] {
  const names = publicBucketNames(env)
  if (names.length === 0) throw new UsageError('No bucket has public variants: PUBLIC_BASE_URL is not set.')
  return names
}

function document(statements: PolicyStatement[]): BucketPolicy {
  return { Version: '2012-10-17', Statement: statements }
}

function inWords(buckets: string[]): string {
  return `The hosts need these rights, and no others:
  - list ${buckets.join(' and ')}, without a condition on the prefix
  - read, write and delete objects below ${prefixes.join(', ')} in ${buckets.length > 1 ? 'each of them' : 'it'}
  - if a bucket is versioned: list and delete its versions there

Cloudflare R2: an API token with "Object Read & Write" for these buckets only.
Backblaze B2: an application key for these buckets with listFiles, readFiles, writeFiles and deleteFiles.
Garage:
${buckets.map((bucket) => `  garage bucket allow --read --write ${bucket} --key KEY`).join('\n')}
These tokens cannot be limited to prefixes: keep nothing else in the buckets.
`
}
