import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { collections } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'
import { keys } from '@/lib/images/storage/keys'
import { log } from '@/lib/log'
import { perProcess } from '@/lib/per-process'
import { StoreUnreachable } from '@/lib/s3/checks/check-result'
import { listObjects } from '@/lib/s3/objects'
import { isDraining } from './drain'
import { type Checked, checkBuckets } from './self-check'
import { createStoreHealth } from './store-health'

/** How long a store that did not answer the self-check is left alone, in milliseconds. */
const againAfterMs = 2_000

const state = perProcess('readiness', () => ({ isChecked: false, store: createStoreHealth(askBuckets) }))

/**
 * What `/readyz` tells a balancer, at once: `ready`; `draining`, when the host is about to end; `store`, when the store
 * has not stood the self-check yet, or does not answer any more.
 */
export function readiness(): 'ready' | 'draining' | 'store' {
  if (isDraining()) return 'draining'
  return state.isChecked && state.store.isGood() ? 'ready' : 'store'
}

/**
 * The self-check of a host at its start: tries out the store, tells of each check in a line of the log, and has the host
 * say that it is ready. A store that will not do ends the process with a sentence; one that does not answer is asked
 * again until it has.
 */
export async function checkBeforeReady(): Promise<void> {
  try {
    const checks = await checkUntilAnswered()
    for (const { verdict, ...check } of checks) tell(verdict, check)
    const failed = checks.filter(({ verdict }) => verdict === 'failed')
    if (failed.length === 0) {
      state.store.answered()
      state.isChecked = true
      return
    }
    const lines = failed.map(({ bucket, found, mend }) => `  ${bucket}: ${found} ${mend}`)
    process.stderr.write(`This host cannot start.\n${lines.join('\n')}\n`)
  } catch (error) {
    log().fatal({ err: error }, 'the self-check broke off')
  }
  process.exit(1)
}

async function checkUntilAnswered(): Promise<Checked[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await checkBuckets()
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error
      if (attempt === 1)
        log().warn({ err: error }, 'self-check: the store does not answer yet; it is asked until it does')
      await sleep(againAfterMs)
    }
  }
}

function tell(verdict: Checked['verdict'], check: Omit<Checked, 'verdict'>): void {
  const level = ({ ok: 'info', warning: 'warn', failed: 'error' } as const)[verdict]
  log()[level](check, `self-check: ${check.check} ${verdict}`)
}

/** A listing by prefix: a right that the app needs anyway. */
async function askBuckets(signal: AbortSignal): Promise<void> {
  const buckets = new Set(collections.map(bucketOf))
  await Promise.all([...buckets].map((bucket) => listObjects(bucket, keys.probes, 1, { signal })))
}
