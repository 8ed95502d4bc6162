import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { presignPost } from '@/lib/s3/presign'
import { type CheckResult, StoreUnreachable } from './check-result'
import { sendProbe } from './probe'

/** An origin that no site can have: RFC 2606 reserves `.invalid`. */
const foreignOrigin = 'https://foreign.invalid'

/**
 * Checks with preflights that pages of the site, and of no other origin, may upload and read (security S25). Sends them
 * to the address that browsers use. If this host cannot reach that address, the result is a warning.
 */
export async function checkCors(
  bucket: Bucket,
  { origin, uploadMethod, key }: { origin: string; uploadMethod: 'POST' | 'PUT'; key: string },
): Promise<CheckResult> {
  const { url } = await presignPost(bucket, key, { contentType: 'image/png', maxBytes: 1, expiresInSeconds: 1 })
  const address = url.replace(/\/$/, '')
  const targets = { POST: url, PUT: `${address}/${key}`, GET: `${address}/${key}` }
  const failed = (message: string): CheckResult => ({
    verdict: 'failed',
    message: `The bucket's CORS rules ${message}.`,
    fix: `Allow ${uploadMethod} and GET from ${origin}, and from no other origin, in the bucket's CORS rules.`,
  })
  try {
    for (const method of [uploadMethod, 'GET'] as const) {
      const [own, foreign] = await Promise.all([
        preflight(targets[method], method, origin),
        preflight(targets[method], method, foreignOrigin),
      ])
      if (own === '*' || foreign !== null) return failed(`allow ${method} from any origin`)
      if (own !== origin) return failed(`do not allow ${method} from ${origin}`)
    }
    return { verdict: 'ok', message: `The bucket's CORS rules allow ${uploadMethod} and GET from ${origin} only.` }
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error
    return {
      verdict: 'warning',
      message: `Cannot check CORS: the store does not answer this host at ${new URL(url).origin}.`,
      fix: 'Make sure that browsers reach the store at this address, or correct S3_PUBLIC_ENDPOINT.',
    }
  }
}

/** @returns the allowed origin, `*` for any, or null for none */
async function preflight(url: string, method: string, origin: string): Promise<string | null> {
  const { status, headers } = await sendProbe(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      // The headers of a presigned PUT.
      ...(method === 'PUT' && { 'access-control-request-headers': 'content-type,if-none-match' }),
    },
  })
  const methods = headers.get('access-control-allow-methods') ?? ''
  const isAllowed = status < 300 && (methods === '*' || methods.split(/\s*,\s*/).includes(method))
  return isAllowed ? headers.get('access-control-allow-origin') : null
}
