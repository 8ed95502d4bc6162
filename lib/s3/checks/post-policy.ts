import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { signPost } from '@/lib/s3/presign'
import type { CheckResult } from './check-result'
import { checkEnforcement, probeBytes, probeType, type Severity, tamperWith } from './enforcement'
import { sendProbe } from './probe'

/** Long enough that a clock which is minutes wrong changes no result. The clock has a check of its own. */
const hourSeconds = 60 * 60

/**
 * Checks that the store enforces POST policies (security S1, S3-S6).
 * @param createKey returns an unused key on each call
 * @throws StoreUnreachable
 */
export function checkPostPolicy(bucket: Bucket, createKey: () => string, ifIgnored: Severity): Promise<CheckResult> {
  return checkEnforcement(bucket, createKey, ifIgnored, (newKey) => {
    const send = async (
      changes: Record<string, (value?: string) => string> = {},
      { bytes = probeBytes, expiresInSeconds = hourSeconds } = {},
    ) => {
      const policy = { contentType: probeType, maxBytes: probeBytes, expiresInSeconds }
      const { url, fields } = await signPost(bucket, newKey(), policy)
      for (const [name, change] of Object.entries(changes)) fields[name] = change(fields[name])
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      body.append('file', new Blob([new Uint8Array(bytes)]))
      return sendProbe(url, { method: 'POST', body })
    }
    return {
      valid: () => send(),
      invalid: {
        'under another key': () => send({ key: newKey }),
        'of another type': () => send({ 'Content-Type': () => 'text/html' }),
        'that is too large': () => send({}, { bytes: probeBytes + 1 }),
        'with an extra field': () => send({ 'x-amz-meta-probe': () => 'probe' }),
        'with an expired policy': () => send({}, { expiresInSeconds: -hourSeconds }),
        'with a wrong signature': () => send({ 'X-Amz-Signature': (signature = '') => tamperWith(signature) }),
      },
    }
  })
}
