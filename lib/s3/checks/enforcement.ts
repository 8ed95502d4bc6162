import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { deleteObjects } from '@/lib/s3/objects'
import { type CheckResult, toCheckResult } from './check-result'
import type { ProbeAnswer } from './probe'

/** Uploads with which a store shows whether it holds by what was signed. */
export interface Probes {
  /** As the app issues it. */
  right: () => Promise<ProbeAnswer>
  /** Each breaks what was signed in one way, named as it follows "an upload …". */
  wrong: Record<string, () => Promise<ProbeAnswer>>
  /** All that may stand in the store afterwards. */
  keys: string[]
}

/** Where a store that does not enforce is to be refused, or only told of. */
export type Severity = 'failed' | 'warning'

/** What the probes of both kinds of permit hold: so many bytes, of this type. */
export const probeBytes = 16
export const probeType = 'image/png'

/** The body of a probe. */
export function probeBody(bytes = probeBytes): Blob {
  return new Blob([new Uint8Array(bytes)])
}

/** Another signature of the same length. */
export function tampered(signature: string): string {
  return signature.slice(0, -1) + (signature.endsWith('0') ? '1' : '0')
}

/**
 * Sends all probes at once, deletes what was stored, and judges: the right one must be taken, and each wrong one refused
 * (security S8).
 * @throws StoreUnreachable
 */
export async function checkEnforcement(bucket: Bucket, probes: Probes, ifIgnored: Severity): Promise<CheckResult> {
  const names = Object.keys(probes.wrong)
  // All of them are waited for, so that none is stored behind the deletion.
  const sent = await Promise.allSettled([probes.right(), ...Object.values(probes.wrong).map((send) => send())])
  try {
    await deleteObjects(bucket, probes.keys)
  } catch (error) {
    return toCheckResult(error)
  }
  const [right, ...wrong] = sent.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  }) as [ProbeAnswer, ...ProbeAnswer[]]

  if (!isTaken(right)) {
    return {
      verdict: 'failed',
      found: `An upload as the app issues it is refused: ${right.status} ${right.code ?? ''}.`,
      mend: 'See that the credentials may write to incoming/; a store without POST policies needs S3_UPLOAD_METHOD=put.',
    }
  }
  const taken = names.filter((_, index) => isTaken(wrong[index] as ProbeAnswer))
  if (taken.length === 0) return { verdict: 'ok', found: `The store refuses an upload ${listed(names)}.` }
  return {
    verdict: ifIgnored,
    found: `The store does not hold by what the app signs: it takes an upload ${listed(taken)}.`,
    mend:
      'Take a store that does (docs/stores.md), or S3_UPLOAD_METHOD=put if it knows no POST policies. ' +
      'ALLOW_UNENFORCED_UPLOADS=true starts all the same: whoever is signed in can then store anything there.',
  }
}

function isTaken({ status }: ProbeAnswer): boolean {
  return status >= 200 && status < 300
}

function listed(names: string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1')
}
