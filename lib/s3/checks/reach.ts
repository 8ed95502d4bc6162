import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { listObjects } from '@/lib/s3/objects'
import { type CheckResult, toCheckResult } from './check-result'

/**
 * Whether the bucket is there for this host's credentials, by a listing. With its answer the bucket's clock is right.
 * @param prefix one that the host may list
 * @param timeoutMs how long an answer is waited for, retries included
 * @throws StoreUnreachable
 */
export async function checkReach(bucket: Bucket, prefix: string, timeoutMs: number): Promise<CheckResult> {
  try {
    await listObjects(bucket, prefix, 1, { signal: AbortSignal.timeout(timeoutMs) })
    return { verdict: 'ok', found: 'The bucket answers.' }
  } catch (error) {
    return toCheckResult(error)
  }
}
