import { isDraining } from '@/lib/drain'
import { isStoreAnswering } from '@/lib/images/store-check'

export const dynamic = 'force-dynamic'

/** Ready to be given requests: configured, else it would not run, and its store answers. */
export async function GET(): Promise<Response> {
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' }
  if (isDraining()) return new Response('draining\n', { status: 503, headers })
  if (await isStoreAnswering()) return new Response('ok\n', { headers })
  return new Response('the store does not answer\n', { status: 503, headers })
}
