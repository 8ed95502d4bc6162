import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { type PostPolicy, signPost } from '@/lib/s3/presign'
import type { CheckResult } from './check-result'
import { checkEnforcement, probeBody, probeBytes, probeType, type Severity, tampered } from './enforcement'
import { type ProbeAnswer, sendProbe } from './probe'

/** Far from now, so that a clock that is off by minutes, which has a check of its own, does not decide. */
const hourSeconds = 60 * 60

/**
 * Whether the store enforces POST policies, by policies of the app and forms that break them (security S1, S3-S6).
 * @param createKey another key each time, where nothing of anybody's stands; all are deleted in the end
 * @throws StoreUnreachable
 */
export async function checkPostPolicy(
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
  const issue = (seconds: number) =>
    signPost(bucket, newKey(), { contentType: probeType, maxBytes: probeBytes, expiresInSeconds: seconds })
  const send = async (
    change: Record<string, (value?: string) => string> = {},
    bytes = probeBytes,
    seconds = hourSeconds,
  ) => {
    const { url, fields } = await issue(seconds)
    for (const [name, changed] of Object.entries(change)) fields[name] = changed(fields[name])
    return submit(url, fields, bytes)
  }
  const probes = {
    right: () => send(),
    wrong: {
      'under another key': () => send({ key: newKey }),
      'of another type': () => send({ 'Content-Type': () => 'text/html' }),
      'that is too large': () => send({}, probeBytes + 1),
      'with a field too many': () => send({ 'x-amz-meta-probe': () => 'probe' }),
      'by an expired policy': () => send({}, probeBytes, -hourSeconds),
      'with a wrong signature': () => send({ 'X-Amz-Signature': (signature = '') => tampered(signature) }),
    },
    keys,
  }
  return checkEnforcement(bucket, probes, ifIgnored)
}

function submit(url: string, fields: PostPolicy['fields'], bytes: number): Promise<ProbeAnswer> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  body.append('file', probeBody(bytes))
  return sendProbe(url, { method: 'POST', body })
}
