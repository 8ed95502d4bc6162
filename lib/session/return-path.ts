import 'server-only'
import { env } from '@/lib/env'

/** The cookie of a login contains the path as JSON. With longer ones, all cookies would exceed the limit of headers. */
const maxLength = 1_000

/**
 * Returns the path of this site that a sign-in leads back to: the wanted one, or `/` if it leads to another site, such as
 * `//evil.example`, or back into a login (security S28).
 */
export function returnPath(wanted: string | null | undefined): string {
  const { appOrigin } = env()
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, appOrigin)) return '/'
  const url = new URL(wanted, appOrigin)
  // `/.//evil.example` becomes `//evil.example`.
  const isOwnPage = url.origin === appOrigin && !/^\/(\/|sign-in\/|api\/)/.test(url.pathname)
  const path = url.pathname + url.search
  return isOwnPage && JSON.stringify(path).length <= maxLength ? path : '/'
}
