import { cookies } from 'next/headers'
import { LanguageChoice } from '@/components/layout/language-choice'
import { ThemeChoice } from '@/components/layout/theme-choice'
import { languageChoice } from './i18n'
import { themeOf } from './theme'

/** The choices that apply to all pages: in the account menu, and in the footer for signed-out people. */
export async function Settings() {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <LanguageChoice {...(await languageChoice())} />
      <ThemeChoice initial={themeOf(await cookies())} />
    </div>
  )
}
