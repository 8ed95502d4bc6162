import 'server-only'
import { bucketUrl } from '@/lib/s3/bucket-url'
import type { Bucket } from '@/lib/s3/client'

/** Returns the URL of a bucket for browsers, without a trailing slash. A slash and a key can follow. */
export async function bucketAddress({ presigner, name }: Bucket): Promise<string> {
  const { href } = await bucketUrl(presigner, name)
  return href.replace(/\/$/, '')
}
