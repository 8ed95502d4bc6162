export const dynamic = 'force-dynamic'

/** Alive: this process answers. It asks nobody else, the store least of all. */
export function GET(): Response {
  return new Response('ok\n', { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } })
}
