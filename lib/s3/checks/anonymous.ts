import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { bucketAddress } from './address'
import type { CheckResult } from './check-result'
import { type Probes, probeBody } from './objects'
import { sendProbe } from './probe'

/**
 * Checks that the store refuses requests without credentials: reads, listings and writes (security S41).
 * @param mayBePublic the prefix that anyone may read
 * @throws StoreUnreachable
 */
export async function checkAnonymous(
  bucket: Bucket,
  { written, created }: Probes,
  mayBePublic: string,
): Promise<CheckResult> {
  const address = await bucketAddress(bucket)
  const listing = `${address}?list-type=2&max-keys=1`
  const requests = written.flatMap(({ prefix, key }) => {
    const upload = `${key}-anonymous`
    created.get(prefix)?.push(upload)
    const put = { method: 'PUT', body: new Uint8Array(probeBody) }
    return [
      ...(prefix === mayBePublic ? [] : [{ name: `read under ${prefix}`, url: `${address}/${key}` }]),
      { name: `list under ${prefix}`, url: `${listing}&prefix=${encodeURIComponent(prefix)}` },
      { name: `write under ${prefix}`, url: `${address}/${upload}`, request: put },
    ]
  })
  requests.push({ name: 'list the bucket', url: listing })
  const answers = await Promise.all(
    requests.map(async ({ name, url, request = {} }) => ({ name, status: (await sendProbe(url, request)).status })),
  )
  const allowed = answers.filter(({ status }) => status >= 200 && status < 300).map(({ name }) => name)
  if (allowed.length === 0) return { verdict: 'ok', message: 'The store refuses requests without credentials.' }
  return {
    verdict: 'failed',
    message: `Without credentials, anyone can ${allowed.join(', ')}.`,
    fix:
      'Remove the grants to everyone from the bucket policy and the ACL; only GET under media/ may be public. Then run ' +
      'npm run bucket -- create, which blocks public access.',
  }
}
