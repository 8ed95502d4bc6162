import 'server-only'
import { checkBuckets } from '@/lib/host/self-check'
import { collections } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import { checkDistance } from '@/lib/s3/checks/distance'
import type { Finding } from './finding'
import { checkHosts } from './hosts'

/**
 * Runs the checks of a starting host on every bucket, measures the distance of the store, and compares hosts.
 * @param hosts URLs of single hosts
 * @throws StoreUnreachable
 */
export async function runDoctor(hosts: string[]): Promise<Finding[]> {
  const checks = await checkBuckets()
  const findings: Finding[] = checks.map(({ ms: _, ...finding }) => finding)
  const reached = new Set(
    checks.flatMap(({ check, verdict, bucket }) => (check === 'store' && verdict === 'ok' ? bucket : [])),
  )
  // One after the other, and after the other checks, so that nothing else slows the requests down.
  for (const bucket of new Set(collections.map(bucketOf))) {
    if (!reached.has(bucket.name)) continue
    findings.push({ check: 'distance', bucket: bucket.name, ...(await checkDistance(bucket, keys.probes)) })
  }
  return [...findings, ...(await checkHosts(hosts))]
}
