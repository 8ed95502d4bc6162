import { ChevronDown, Languages, Monitor, Moon, Sun } from 'lucide-react'
import { cookies } from 'next/headers'
import { LanguageChoice } from '@/components/layout/language-choice'
import { ThemeChoice } from '@/components/layout/theme-choice'
import { languageChoice } from './i18n'
import { themeOf } from './theme'

const themeIcons = {
  system: <Monitor aria-hidden className="size-4" />,
  light: <Sun aria-hidden className="size-4" />,
  dark: <Moon aria-hidden className="size-4" />,
}

const languageIcons = (
  <>
    <Languages aria-hidden className="pointer-events-none absolute start-3 size-4" />
    <ChevronDown aria-hidden className="pointer-events-none absolute end-3 size-4" />
  </>
)

/** The choices that apply to all pages: in the account menu, and in the footer for signed-out people. */
export async function Settings() {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <LanguageChoice {...(await languageChoice())} icons={languageIcons} />
      <ThemeChoice initial={themeOf(await cookies())} icons={themeIcons} />
    </div>
  )
}
