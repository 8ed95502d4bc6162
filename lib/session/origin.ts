import 'server-only'
import { headers } from 'next/headers'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'

/**
 * Returns `forbidden_origin` unless the request comes from our own pages. Browsers send `Origin` with every POST, PUT,
 * PATCH and DELETE. A missing one is rejected too, which Next's own check of actions accepts (security S26).
 */
export async function requireOwnOrigin(): Promise<Result<null>> {
  const origin = (await headers()).get('origin')
  return origin === env().appOrigin ? ok(null) : refuse('forbidden_origin')
}
