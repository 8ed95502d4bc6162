import 'server-only'
import { toCheckResult } from '@/lib/s3/checks/check-result'
import type { Bucket } from '@/lib/s3/client'
import { formatRefusal, refusalOf } from '@/lib/s3/refusal'
import type { Finding } from './finding'
import { isUnknownSetting, type OtherSetting, type Setting } from './settings'

/** What `create` will do to a bucket, or to one setting of it. */
export interface Plan {
  findings: Finding[]
  /** Does what is planned. @returns the findings after it @throws StoreUnreachable */
  apply(): Promise<Finding[]>
}

/** Returns a plan that changes nothing. */
export function unchanged(finding: Finding): Plan {
  return { findings: [finding], apply: async () => [finding] }
}

/** Compares a setting of a bucket with what the app needs. @throws StoreUnreachable */
export async function planSetting(bucket: Bucket, setting: Setting): Promise<Plan> {
  try {
    const inspection = await setting.inspect(bucket)
    if (inspection.state === 'as wanted') return unchanged(describe(bucket, setting, 'ok', `Has ${setting.what}.`))
    if (inspection.state === 'unknown') {
      return unchanged(describeLack(bucket, setting, 'The store does not know the setting'))
    }
    return {
      findings: [describe(bucket, setting, 'planned', `Set ${setting.what}.`)],
      apply: async () => [await applySetting(bucket, setting, inspection)],
    }
  } catch (error) {
    return unchanged(describeRefusal(bucket, setting, 'read', error))
  }
}

async function applySetting(bucket: Bucket, setting: Setting, { apply, byHand }: OtherSetting): Promise<Finding> {
  try {
    await apply()
    // Some stores answer 200 and keep nothing.
    const { state } = await setting.inspect(bucket)
    if (state === 'as wanted') return describe(bucket, setting, 'changed', `Set ${setting.what}.`)
    return describeLack(bucket, setting, 'The store accepted the setting and did not keep it')
  } catch (error) {
    return describeRefusal(bucket, setting, 'set', error, byHand)
  }
}

/** @throws StoreUnreachable */
function describeRefusal(
  bucket: Bucket,
  setting: Setting,
  verb: 'read' | 'set',
  error: unknown,
  byHand?: string,
): Finding {
  const refusal = refusalOf(error)
  if (refusal && isUnknownSetting(refusal)) {
    return describeLack(bucket, setting, `The store answered ${formatRefusal(refusal)}`)
  }
  const { message, fix } = toCheckResult(`${verb} ${setting.what}`, error)
  if (refusal?.status !== 403) return describe(bucket, setting, 'failed', message, fix)
  const credentials = `Use credentials with ${setting.rights.join(' and ')}`
  return describe(bucket, setting, 'failed', message, byHand ? `${credentials}, or run: ${byHand}` : `${credentials}.`)
}

function describeLack(bucket: Bucket, setting: Setting, reason: string): Finding {
  const { verdict, consequence, fix } = setting.ifUnknown
  return describe(bucket, setting, verdict, `${reason}: it lacks ${setting.what}. ${consequence}.`, fix)
}

function describe(
  { name }: Bucket,
  { check }: Setting,
  verdict: Finding['verdict'],
  message: string,
  fix?: string,
): Finding {
  return { verdict, check, bucket: name, message, ...(fix && { fix }) }
}
