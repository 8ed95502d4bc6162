import 'server-only'
import { prefixes } from '@/lib/images/storage/prefixes'
import type { PolicyStatement } from '@/lib/s3/bucket-settings'

/**
 * Returns the rights of a host on its buckets (security S34). Those on versions serve only a versioned bucket: there, they
 * erase what a person erases (S37). `s3:ListBucket` has no condition on the prefix: with one,
 * HEAD of a missing object answers 403 instead of 404, and the app cannot tell them apart.
 */
export function hostStatements(region: string, buckets: string[]): PolicyStatement[] {
  const arns = buckets.map((bucket) => arnOf(region, bucket))
  return [
    { Sid: 'AnyhostList', Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: arns },
    {
      Sid: 'AnyhostObjects',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: arns.flatMap((arn) => prefixes.map((prefix) => `${arn}/${prefix}*`)),
    },
  ]
}

/**
 * Returns the same for a user of Ceph radosgw. There, deleting several objects at once needs the right on the bucket too.
 * @param user `name` or `tenant$name`
 */
export function radosgwStatements(bucket: string, user: string): PolicyStatement[] {
  const [name, tenant = ''] = user.split('$').reverse() as [string, string?]
  const Principal = { AWS: [`arn:aws:iam::${tenant}:user/${name}`] }
  return hostStatements('', [bucket]).map((statement) => {
    const isList = statement.Sid === 'AnyhostList'
    const deletions = isList ? ['s3:DeleteObject', 's3:DeleteObjectVersion'] : []
    return { ...statement, Principal, Action: [statement.Action, deletions].flat() }
  })
}

/** Returns the statement that lets everyone read saved variants. */
export function publicStatements(region: string, bucket: string): PolicyStatement[] {
  return [{ ...mediaStatement(region, bucket), Principal: '*' }]
}

/** Returns the statement that lets one CloudFront distribution read saved variants. The bucket stays private. */
export function cloudfrontStatements(region: string, bucket: string, distribution: string): PolicyStatement[] {
  return [
    {
      ...mediaStatement(region, bucket),
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': distribution } },
    },
  ]
}

function mediaStatement(region: string, bucket: string): PolicyStatement {
  const Resource = [`${arnOf(region, bucket)}/media/*`]
  return { Sid: 'AnyhostMedia', Effect: 'Allow', Action: ['s3:GetObject'], Resource }
}

function arnOf(region: string, bucket: string): string {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  return `arn:${partition}:s3:::${bucket}`
}
