import 'server-only'
import { headers } from 'next/headers'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'

/**
 * Whether the request comes from our own pages. Browsers send `Origin` with every POST, PUT, PATCH and DELETE;
 * a missing one is refused as well, which Next's own check of actions lets through (security S26).
 */
export async function requireOwnOrigin(): Promise<Result<null>> {
  const origin = (await headers()).get('origin')
  return origin === env().appOrigin ? ok(null) : refuse('forbidden_origin')
}
