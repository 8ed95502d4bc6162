import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { listObjects } from '@/lib/s3/objects'
import { type CheckResult, toCheckResult } from './check-result'

/** An odd number, so that one of them is the median. */
const requests = 9
/** Requests of a save that wait for each other (docs/contract.md, "Request budgets"). */
const chainOfSave = 4
const slowMs = 100

/**
 * Measures the median time of a small request: a listing of one key.
 * @throws StoreUnreachable
 */
export async function checkDistance(bucket: Bucket, prefix: string): Promise<CheckResult> {
  const times: number[] = []
  try {
    // The first one opens the connection.
    await listObjects(bucket, prefix, 1)
    while (times.length < requests) {
      const startedAt = performance.now()
      await listObjects(bucket, prefix, 1)
      times.push(performance.now() - startedAt)
    }
  } catch (error) {
    return toCheckResult('measure the distance', error)
  }
  const median = times.sort((a, b) => a - b)[(requests - 1) / 2] as number
  const message = `A small request takes ${median.toFixed(median < 10 ? 1 : 0)} ms (median of ${requests}).`
  if (median < slowMs) return { verdict: 'ok', message }
  return {
    verdict: 'warning',
    message: `${message} A save waits for ${chainOfSave} of them in a row.`,
    fix: "Run the hosts in the bucket's region, and this command where the hosts run.",
  }
}
