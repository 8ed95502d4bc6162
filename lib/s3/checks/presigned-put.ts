import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { presignPut } from '@/lib/s3/presign'
import type { CheckResult } from './check-result'
import { checkEnforcement, probeBody, probeBytes, probeType, type Severity, tampered } from './enforcement'
import { sendProbe } from './probe'

const hourMs = 60 * 60 * 1000

/**
 * Whether the store enforces presigned PUTs, by URLs of the app and requests that break them.
 * @param createKey another key each time, where nothing of anybody's stands; all are deleted in the end
 * @throws StoreUnreachable
 */
export async function checkPresignedPut(
  bucket: Bucket,
  createKey: () => string,
  ifIgnored: Severity,
): Promise<CheckResult> {
  const keys: string[] = []
  const newKey = () => {
    const key = createKey()
    keys.push(key)
    return key
  }
  const anHourAgo: Bucket = { ...bucket, clock: { ...bucket.clock, now: () => bucket.clock.now() - hourMs } }
  const send = async (
    changes: { signer?: Bucket; url?: (url: URL, key: string) => void; type?: string; bytes?: number } = {},
  ) => {
    const { signer = bucket, bytes = probeBytes } = changes
    const key = newKey()
    const permit = await presignPut(signer, key, { contentType: probeType, bytes: probeBytes, expiresInSeconds: 60 })
    const url = new URL(permit.url)
    changes.url?.(url, key)
    const headers = { ...permit.headers, ...(changes.type && { 'content-type': changes.type }) }
    return sendProbe(url.href, { method: 'PUT', headers, body: probeBody(bytes) })
  }
  const probes = {
    right: () => send(),
    wrong: {
      'under another key': () =>
        send({
          url: (url, key) => {
            url.pathname = url.pathname.replace(key, newKey())
          },
        }),
      'of another type': () => send({ type: 'text/html' }),
      'of another length': () => send({ bytes: probeBytes + 1 }),
      'by an expired URL': () => send({ signer: anHourAgo }),
      'with a wrong signature': () =>
        send({
          url: ({ searchParams }) =>
            searchParams.set('X-Amz-Signature', tampered(searchParams.get('X-Amz-Signature') ?? '')),
        }),
    },
    keys,
  }
  return checkEnforcement(bucket, probes, ifIgnored)
}
