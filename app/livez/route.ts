export const dynamic = 'force-dynamic'

/** Liveness probe: the process responds. Makes no request, in particular none to the store. */
export function GET(): Response {
  return new Response('ok\n', { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } })
}
