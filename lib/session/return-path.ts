import 'server-only'
import { env } from '@/lib/env'

/** A longer path does not fit into the cookie of a login. */
const maxLength = 1_500

/**
 * Returns the path of this site that a sign-in leads back to: the wanted one, or `/` if it leads to another site, such as
 * `//evil.example`, or back into a login (security S28).
 */
export function returnPath(wanted: string | null | undefined): string {
  const { appOrigin } = env()
  if (!wanted?.startsWith('/') || wanted.length > maxLength || !URL.canParse(wanted, appOrigin)) return '/'
  const url = new URL(wanted, appOrigin)
  // `/.//evil.example` becomes `//evil.example`.
  const isOwnPage = url.origin === appOrigin && !/^\/(\/|sign-in\/|api\/)/.test(url.pathname)
  return isOwnPage ? url.pathname + url.search : '/'
}
