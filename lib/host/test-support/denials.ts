import { DeleteBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import type { Intercept, StoreRequest, StoreResponse } from '@/tools/testing/store-proxy'
import type { CheckedBuckets } from './checked-buckets'

/** A right that the credentials lack, on the keys under a prefix. */
export interface Denial {
  action: 's3:PutObject' | 's3:GetObject' | 's3:DeleteObject'
  prefix: string
}

/** Returns an S3 error. */
export function refusal(status: number, code: string, message = 'no'): StoreResponse {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) }
}

/** Returns the key of a request for an object of this bucket, or ''. */
export function keyOf({ url }: StoreRequest, bucket: string): string {
  const path = decodeURIComponent(url.split('?')[0] ?? '')
  return path.startsWith(`/${bucket}/`) ? path.slice(bucket.length + 2) : ''
}

/**
 * Runs the self-check of a host without some rights: by a bucket policy on Ceph, and by a proxy on stores without
 * policies.
 */
export async function selfCheckWithout({ action, prefix }: Denial, buckets: CheckedBuckets) {
  const { bucket, store, selfCheck } = buckets
  const variables = { S3_BUCKET_COVERS: '' }
  if (store().name !== 'ceph') return selfCheck(variables, denying({ action, prefix }, bucket))
  const statement = { Effect: 'Deny', Principal: '*', Action: action, Resource: `arn:aws:s3:::${bucket}/${prefix}*` }
  return withPolicy(buckets, [statement], () => selfCheck(variables))
}

/** Runs work while the bucket has a policy with these statements. */
export async function withPolicy<T>({ bucket, s3 }: CheckedBuckets, statements: object[], work: () => Promise<T>) {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  await s3().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
  try {
    return await work()
  } finally {
    await s3().send(new DeleteBucketPolicyCommand({ Bucket: bucket }))
  }
}

const methods = { 's3:PutObject': ['PUT'], 's3:GetObject': ['GET', 'HEAD'], 's3:DeleteObject': ['DELETE'] }

function denying({ action, prefix }: Denial, bucket: string): Intercept {
  return async (request, pass) => {
    const key = keyOf(request, bucket)
    if (key.startsWith(prefix) && methods[action].includes(request.method)) return refusal(403, 'AccessDenied')
    const source = decodeURIComponent(String(request.headers['x-amz-copy-source'] ?? ''))
    if (action === 's3:GetObject' && source.startsWith(`${bucket}/${prefix}`)) return refusal(403, 'AccessDenied')
    if (action !== 's3:DeleteObject' || !/[?&]delete/.test(request.url)) return pass()
    const denied = Array.from(String(request.body).matchAll(/<Key>([^<]+)/g), ([, each]) => each ?? '').filter((each) =>
      each.startsWith(prefix),
    )
    if (denied.length === 0) return pass()
    const errors = denied.map((each) => `<Error><Key>${each}</Key><Code>AccessDenied</Code></Error>`)
    const body = Buffer.from(`<DeleteResult>${errors.join('')}</DeleteResult>`)
    return { status: 200, headers: { 'content-type': 'application/xml' }, body }
  }
}
