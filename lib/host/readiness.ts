import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import { log } from '@/lib/log'
import { perProcess } from '@/lib/per-process'
import { StoreUnreachable } from '@/lib/s3/checks/check-result'
import { listObjects } from '@/lib/s3/objects'
import { isDraining } from './drain'
import { printReason } from './print-reason'
import { type BucketCheck, checkBuckets } from './self-check'
import { createStoreHealth, reminderMs } from './store-health'

/** Time between two self-checks of an unreachable store, in milliseconds. */
const retryMs = 2_000

const state = perProcess('readiness', () => ({
  isChecked: false,
  checks: [] as BucketCheck[],
  store: createStoreHealth(pingBuckets),
}))

/** Returns the results of the last self-check; none before it has answers. */
export function lastChecks(): readonly BucketCheck[] {
  return state.checks
}

/**
 * Returns what `/readyz` answers, without waiting: `ready`; `draining` while the host shuts down; `store` before the
 * self-check passed, and while the store does not answer.
 */
export function readiness(): 'ready' | 'draining' | 'store' {
  if (isDraining()) return 'draining'
  return state.isChecked && state.store.isHealthy() ? 'ready' : 'store'
}

/**
 * Runs the self-check of a starting host, logs each result, and makes the host ready. If the store fails a check,
 * prints why and exits with code 1. If the store is unreachable, retries until it answers.
 */
export async function checkBeforeReady(): Promise<void> {
  try {
    const checks = await checkUntilReachable()
    state.checks = checks
    for (const { verdict, ...check } of checks) {
      const level = ({ ok: 'info', unchecked: 'info', warning: 'warn', failed: 'error' } as const)[verdict]
      log()[level](check, `self-check: ${check.check} ${verdict}`)
    }
    const failed = checks.filter(({ verdict }) => verdict === 'failed')
    if (failed.length === 0) {
      state.store.recordAnswer()
      state.isChecked = true
      return
    }
    const lines = failed.map(({ bucket, message, fix }) => `  ${bucket}: ${message} ${fix}`)
    printReason(`This host cannot start.\n${lines.join('\n')}`)
  } catch (error) {
    log().fatal({ err: error }, 'self-check: unexpected error, exiting')
  }
  process.exit(1)
}

async function checkUntilReachable(): Promise<BucketCheck[]> {
  let loggedAt = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      return await checkBuckets()
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error
      if (performance.now() - loggedAt >= reminderMs) {
        loggedAt = performance.now()
        const endpoint = env().endpoint ?? 'AWS'
        log().warn({ err: error, endpoint }, 'self-check: the store is unreachable, retrying until it answers')
      }
      await sleep(retryMs)
    }
  }
}

/** Lists by prefix, which the app needs to be allowed anyway. */
async function pingBuckets(signal: AbortSignal): Promise<void> {
  const buckets = new Set(collections.map(bucketOf))
  await Promise.all([...buckets].map((bucket) => listObjects(bucket, keys.probes, 1, { signal })))
}
