import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { corsRule, uploadHeaders } from '@/lib/s3/cors-rule'
import { presignGet } from '@/lib/s3/presign'
import { bucketAddress } from './address'
import { type CheckResult, StoreUnreachable } from './check-result'
import { sendProbe } from './probe'

/** An origin that no site can have: RFC 2606 reserves `.invalid`. */
const foreignOrigin = 'https://foreign.invalid'

interface CorsNeeds {
  /** The site. */
  origin: string
  uploadMethod: 'post' | 'put'
  /** A key in the bucket. */
  key: string
  /** Whether an object with this key exists. Then the check reads it too. */
  isWritten?: boolean
}

/**
 * Checks that pages of the site, and of no other origin, may upload and read (security S25): with preflights for each
 * method and header, and with a read. Sends them to the address that browsers use. If this host cannot reach that
 * address, the result is a warning.
 */
export async function checkCors(bucket: Bucket, needs: CorsNeeds): Promise<CheckResult> {
  const { origin, uploadMethod } = needs
  const address = await bucketAddress(bucket)
  try {
    const fault = await findFault(bucket, address, needs)
    if (!fault) {
      return {
        verdict: 'ok',
        message: `The bucket's CORS rules allow ${uploadMethod.toUpperCase()} and GET from ${origin} only.`,
      }
    }
    const rules = { CORSRules: [corsRule(origin, uploadMethod)] }
    return {
      verdict: 'failed',
      message: `The bucket's CORS rules ${fault}.`,
      fix: `Run npm run bucket -- create, or set the rules of ${bucket.name}: ${JSON.stringify(rules)}`,
    }
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error
    return {
      verdict: 'warning',
      message: `Cannot check CORS: the store does not answer this host at ${new URL(address).origin}.`,
      fix: 'Make sure that browsers reach the store at this address, or correct S3_PUBLIC_ENDPOINT.',
    }
  }
}

/** @returns what is wrong with the rules; completes "The bucket's CORS rules …" */
async function findFault(bucket: Bucket, address: string, needs: CorsNeeds): Promise<string | undefined> {
  const { origin, uploadMethod, key, isWritten } = needs
  const upload = uploadMethod.toUpperCase()
  const object = `${address}/${key}`
  for (const method of [upload, 'GET']) {
    const url = method === 'POST' ? `${address}/` : object
    const [own, foreign] = await Promise.all([preflight(url, method, origin), preflight(url, method, foreignOrigin)])
    if (own === '*' || foreign !== null) return `allow ${method} from any origin`
    if (own !== origin) return `do not allow ${method} from ${origin}`
  }
  for (const header of uploadHeaders[uploadMethod]) {
    if ((await preflight(object, upload, origin, header)) !== origin) {
      return `do not allow the header ${header} of ${upload} from ${origin}`
    }
  }
  // A browser sends a plain GET without a preflight, and reads the answer only with this header.
  if (isWritten && (await originOfRead(bucket, key, origin)) !== origin) {
    return `allow GET from ${origin}, but answers lack Access-Control-Allow-Origin, as behind a proxy that removes it`
  }
  return undefined
}

async function originOfRead(bucket: Bucket, key: string, origin: string): Promise<string | null> {
  const { headers } = await sendProbe(await presignGet(bucket, key), { headers: { origin } })
  return headers.get('access-control-allow-origin')
}

/** @returns the allowed origin, `*` for any, or null for none */
async function preflight(url: string, method: string, origin: string, header?: string): Promise<string | null> {
  const { status, headers } = await sendProbe(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(header && { 'access-control-request-headers': header }),
    },
  })
  const lists = (name: string, value: string) => {
    const values = (headers.get(name) ?? '').toLowerCase().split(/\s*,\s*/)
    return values.includes('*') || values.includes(value.toLowerCase())
  }
  const isAllowed =
    status < 300 &&
    lists('access-control-allow-methods', method) &&
    (!header || lists('access-control-allow-headers', header))
  return isAllowed ? headers.get('access-control-allow-origin') : null
}
