import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { presignPut } from '@/lib/s3/presign'
import type { CheckResult } from './check-result'
import { checkEnforcement, probeBytes, probeType, type Severity, tamperWith } from './enforcement'
import { sendProbe } from './probe'

const hourMs = 60 * 60 * 1000

/**
 * Checks that the store enforces presigned PUTs.
 * @param createKey returns an unused key on each call
 * @throws StoreUnreachable
 */
export function checkPresignedPut(bucket: Bucket, createKey: () => string, ifIgnored: Severity): Promise<CheckResult> {
  const hourAgo: Bucket = { ...bucket, clock: { ...bucket.clock, now: () => bucket.clock.now() - hourMs } }
  return checkEnforcement(bucket, createKey, ifIgnored, (newKey) => {
    const send = async (
      changes: { signer?: Bucket; url?: (url: URL, key: string) => void; type?: string; bytes?: number } = {},
    ) => {
      const { signer = bucket, bytes = probeBytes } = changes
      const key = newKey()
      const permit = await presignPut(signer, key, { contentType: probeType, bytes: probeBytes, expiresInSeconds: 60 })
      const url = new URL(permit.url)
      changes.url?.(url, key)
      const headers = { ...permit.headers, ...(changes.type && { 'content-type': changes.type }) }
      return sendProbe(url.href, { method: 'PUT', headers, body: new Blob([new Uint8Array(bytes)]) })
    }
    const replaceKey = (url: URL, key: string) => {
      url.pathname = url.pathname.replace(key, newKey())
    }
    const replaceSignature = ({ searchParams }: URL) =>
      searchParams.set('X-Amz-Signature', tamperWith(searchParams.get('X-Amz-Signature') ?? ''))
    return {
      valid: () => send(),
      invalid: {
        'under another key': () => send({ url: replaceKey }),
        'of another type': () => send({ type: 'text/html' }),
        'of another length': () => send({ bytes: probeBytes + 1 }),
        'with an expired URL': () => send({ signer: hourAgo }),
        'with a wrong signature': () => send({ url: replaceSignature }),
      },
    }
  })
}
