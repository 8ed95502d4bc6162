import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { lifecycleRules } from '@/lib/bucket/wanted-settings'
import { corsRule } from '@/lib/s3/cors-rule'

/** A store, and credentials that may create buckets. */
interface StoreAccess {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

/**
 * Creates the buckets with CORS rules for the pages of `appOrigin` and lifecycle rules for uploads and drafts.
 * Idempotent: existing objects stay.
 */
export async function prepareBuckets(store: StoreAccess, buckets: string[], appOrigin: string): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = store
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  })
  try {
    for (const bucket of buckets) await prepareBucket(client, bucket, appOrigin)
  } finally {
    client.destroy()
  }
}

async function prepareBucket(client: S3Client, bucket: string, appOrigin: string): Promise<void> {
  await createBucket(client, bucket)
  // Tests use both upload methods, and read an exposed header.
  const cors = {
    ...corsRule(appOrigin, 'put'),
    AllowedMethods: ['GET', 'POST', 'PUT'],
    ExposeHeaders: ['ETag'],
  }
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [cors] } }))
  const LifecycleConfiguration = { Rules: lifecycleRules(false, 'expiry only') }
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }))
}

async function createBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } catch (error) {
    // For a bucket of our own, us-east-1 answers 200 and every other region this error.
    if (!(error instanceof Error && error.name === 'BucketAlreadyOwnedByYou')) throw error
  }
}
