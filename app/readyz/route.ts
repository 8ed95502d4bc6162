import { readiness } from '@/lib/host/readiness'

export const dynamic = 'force-dynamic'

/** Readiness probe: `ready`, or 503 with `draining` or `store`. Makes no request itself. */
export function GET(): Response {
  const word = readiness()
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' }
  return new Response(`${word}\n`, { status: word === 'ready' ? 200 : 503, headers })
}
