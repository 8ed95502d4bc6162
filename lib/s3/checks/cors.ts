import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { presignPost } from '@/lib/s3/presign'
import { type CheckResult, StoreUnreachable } from './check-result'
import { sendProbe } from './probe'

/** Nobody's: RFC 2606 keeps the name free. */
const foreignOrigin = 'https://foreign.invalid'

/**
 * Whether pages of the site, and of nobody else, may upload and read, by preflights at the address that browsers use
 * (security S25). Where that cannot be reached from here nothing is proved, which is a warning.
 */
export async function checkCors(
  bucket: Bucket,
  { origin, uploadMethod, key }: { origin: string; uploadMethod: 'POST' | 'PUT'; key: string },
): Promise<CheckResult> {
  const { url } = await presignPost(bucket, key, { contentType: 'image/png', maxBytes: 1, expiresInSeconds: 1 })
  const address = url.replace(/\/$/, '')
  const targets = { POST: url, PUT: `${address}/${key}`, GET: `${address}/${key}` }
  const mend = `Let the bucket's CORS rules allow ${uploadMethod} and GET to ${origin}, and to no other origin.`
  try {
    for (const method of [uploadMethod, 'GET'] as const) {
      const [own, foreign] = await Promise.all([
        preflight(targets[method], method, origin),
        preflight(targets[method], method, foreignOrigin),
      ])
      if (own === '*' || foreign !== null) {
        return { verdict: 'failed', found: `Pages of any origin may ${method}: the store answers them.`, mend }
      }
      if (own !== origin) {
        return { verdict: 'failed', found: `Pages of ${origin} may not ${method}: the store refuses them.`, mend }
      }
    }
    return { verdict: 'ok', found: `Pages of ${origin}, and of no other origin, may ${uploadMethod} and GET.` }
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error
    const found = `The store does not answer this host at the address for browsers, ${new URL(url).origin}.`
    return { verdict: 'warning', found, mend: 'See that browsers reach it: S3_PUBLIC_ENDPOINT names it.' }
  }
}

/** @returns the origin that is allowed, `*` for any, null for none */
async function preflight(url: string, method: string, origin: string): Promise<string | null> {
  const { status, headers } = await sendProbe(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      // What a presigned PUT is sent with.
      ...(method === 'PUT' && { 'access-control-request-headers': 'content-type,if-none-match' }),
    },
  })
  const methods = headers.get('access-control-allow-methods') ?? ''
  const isAllowed = status < 300 && (methods === '*' || methods.split(/\s*,\s*/).includes(method))
  return isAllowed ? headers.get('access-control-allow-origin') : null
}
