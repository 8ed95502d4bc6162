import 'server-only'
import type { Bucket } from './client'
import { type Finding, judgeFailure } from './finding'
import { listObjects } from './objects'

/**
 * Whether the bucket is there for this host's credentials, by a listing. With its answer the bucket's clock is right.
 * @param prefix one that the host may list
 * @param patienceMs how long an answer is waited for, retries included
 * @throws StoreSilent
 */
export async function checkReach(bucket: Bucket, prefix: string, patienceMs: number): Promise<Finding> {
  try {
    await listObjects(bucket, prefix, 1, { signal: AbortSignal.timeout(patienceMs) })
    return { verdict: 'ok', found: 'The bucket answers.' }
  } catch (error) {
    return judgeFailure(error)
  }
}
