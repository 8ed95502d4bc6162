import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { listObjects } from '@/lib/s3/objects'
import { type CheckResult, toCheckResult } from './check-result'

/**
 * Checks that this host's credentials can list the bucket. The answer also sets the bucket's clock.
 * @param timeoutMs milliseconds, retries included
 * @throws StoreUnreachable
 */
export async function checkReach(bucket: Bucket, prefix: string, timeoutMs: number): Promise<CheckResult> {
  try {
    await listObjects(bucket, prefix, 1, { signal: AbortSignal.timeout(timeoutMs) })
    return { verdict: 'ok', message: 'The host can list the bucket.' }
  } catch (error) {
    return toCheckResult('list the bucket', error)
  }
}
