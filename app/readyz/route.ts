import { buildId } from '@/lib/host/build-id'
import { configurationFingerprint } from '@/lib/host/fingerprint'
import { readiness } from '@/lib/host/readiness'

export const dynamic = 'force-dynamic'

/**
 * Readiness probe: `ready`, or 503 with `draining` or `store`. The headers show whether hosts have the same build and
 * configuration, without showing the configuration. Makes no request itself.
 */
export function GET(): Response {
  const word = readiness()
  return new Response(`${word}\n`, {
    status: word === 'ready' ? 200 : 503,
    headers: {
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'x-build': buildId(),
      'x-configuration': configurationFingerprint(),
    },
  })
}
