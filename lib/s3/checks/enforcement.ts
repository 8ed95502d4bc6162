import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { deleteObjects } from '@/lib/s3/objects'
import { type CheckResult, toCheckResult } from './check-result'
import type { ProbeAnswer } from './probe'

/** Small uploads that show whether a store enforces what the app signed. */
interface Probes {
  /** Sends an upload that the store must accept. */
  valid: () => Promise<ProbeAnswer>
  /** Each sends an upload that the store must reject. The names complete "an upload …". */
  invalid: Record<string, () => Promise<ProbeAnswer>>
}

/** Verdict on a store that does not enforce signed uploads. */
export type Severity = 'failed' | 'warning'

/** Size and type that the permits of all probes allow. */
export const probeBytes = 16
export const probeType = 'image/png'

/** Returns another signature of the same length. */
export function tamperWith(signature: string): string {
  return signature.slice(0, -1) + (signature.endsWith('0') ? '1' : '0')
}

/**
 * Sends all probes at once, then deletes what the store kept of them. The store must accept the valid one and reject
 * each invalid one (security S8).
 * @param createKey returns an unused key on each call
 * @throws StoreUnreachable
 */
export async function checkEnforcement(
  bucket: Bucket,
  createKey: () => string,
  ifIgnored: Severity,
  createProbes: (newKey: () => string) => Probes,
): Promise<CheckResult> {
  const keys: string[] = []
  const { valid, invalid } = createProbes(() => {
    const key = createKey()
    keys.push(key)
    return key
  })
  // Waits for all of them, so that the store keeps none after the deletion.
  const settled = await Promise.allSettled([valid(), ...Object.values(invalid).map((send) => send())])
  try {
    await deleteObjects(bucket, keys)
  } catch (error) {
    return toCheckResult('delete test uploads', error)
  }
  const [validAnswer, ...invalidAnswers] = settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  }) as [ProbeAnswer, ...ProbeAnswer[]]

  if (!isAccepted(validAnswer)) {
    return {
      verdict: 'failed',
      message: `The store rejected a valid upload: ${validAnswer.status} ${validAnswer.code ?? ''}.`,
      fix:
        'Allow the credentials to write under incoming/. ' +
        'If the store does not support POST policies, set S3_UPLOAD_METHOD=put.',
    }
  }
  const names = Object.keys(invalid)
  const accepted = names.filter((_, index) => isAccepted(invalidAnswers[index] as ProbeAnswer))
  if (accepted.length === 0) return { verdict: 'ok', message: `The store rejects an upload ${joinWithOr(names)}.` }
  return {
    verdict: ifIgnored,
    message: `The store does not enforce signed uploads: it accepts an upload ${joinWithOr(accepted)}.`,
    fix:
      'Use a store that enforces them (docs/stores.md). If the store does not support POST policies, set ' +
      'S3_UPLOAD_METHOD=put. To start anyway, set ALLOW_UNENFORCED_UPLOADS=true: then every person who signs in can ' +
      'store anything in the bucket.',
  }
}

function isAccepted({ status }: ProbeAnswer): boolean {
  return status >= 200 && status < 300
}

function joinWithOr(names: string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1')
}
