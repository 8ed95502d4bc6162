import { readiness } from '@/lib/host/readiness'

export const dynamic = 'force-dynamic'

/** Ready to be given requests, or in a word why not: `draining`, `store`. It asks nobody while it is asked. */
export function GET(): Response {
  const word = readiness()
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' }
  return new Response(`${word}\n`, { status: word === 'ready' ? 200 : 503, headers })
}
