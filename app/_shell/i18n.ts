import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { cache } from 'react'
import { env } from '@/lib/env'
import { chooseLocale, nameOf } from './locale'
import { defaultLanguage, languages, loadMessages, type Messages } from './messages'

/** Returns the language and locale of this request. The cookie `locale` has the person's choice. */
export const requestLocale = cache(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()])
  return chooseLocale(jar.get('locale')?.value, head.get('accept-language'), languages, defaultLanguage)
})

/** Returns the properties of `LanguageChoice`: each language by its own name, and the one of this request. */
export async function languageChoice() {
  const { language } = await requestLocale()
  return { languages: languages.map((tag) => ({ tag, name: nameOf(tag) })), chosen: language }
}

/** Returns the locale and messages of a request for next-intl. */
export default getRequestConfig(async () => {
  const { language, locale } = await requestLocale()
  return { locale, timeZone: 'UTC', messages: forMode(await loadMessages(language)) }
})

/** Guests cannot sign in again, so their text about the end of a session is another. */
function forMode(messages: Messages): Messages {
  if (env().authMode === 'guest') return messages
  return { ...messages, errors: { ...messages.errors, unauthorized: messages.errors.session_ended } }
}

declare module 'next-intl' {
  interface AppConfig {
    Messages: Messages
  }
}
