import 'server-only'
import { checkBuckets } from '@/lib/host/self-check'
import type { Finding } from './finding'

/** Runs the checks of a starting host on every bucket. @throws StoreUnreachable */
export async function runDoctor(): Promise<Finding[]> {
  const checks = await checkBuckets()
  return checks.map(({ ms: _, ...finding }) => finding)
}
