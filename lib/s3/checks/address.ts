import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { signPost } from '@/lib/s3/presign'

/** Returns the URL of a bucket for browsers, without a trailing slash. A slash and a key can follow. */
export async function bucketAddress(bucket: Bucket): Promise<string> {
  const { url } = await signPost(bucket, '-', { contentType: 'image/png', maxBytes: 1, expiresInSeconds: 1 })
  return url.replace(/\/$/, '')
}
