import 'server-only'
import { cookies } from 'next/headers'
import { chooseLocale } from '@/app/_shell/locale'
import { languages } from '@/app/_shell/messages'
import { env } from '@/lib/env'

const yearSeconds = 365 * 24 * 60 * 60

/** Makes the provider's language of a person their choice, unless they have made one on this site. */
export async function rememberLocale(locale: string | undefined): Promise<void> {
  const jar = await cookies()
  if (!locale || jar.has('locale')) return
  const { language } = chooseLocale(undefined, locale, languages, '')
  if (!language) return
  // Scripts of the page change it, so it is not HttpOnly.
  jar.set('locale', language, { path: '/', sameSite: 'lax', secure: env().isHttps, maxAge: yearSeconds })
}
