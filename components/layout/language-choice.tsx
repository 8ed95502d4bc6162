'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, startTransition, useOptimistic } from 'react'
import { rememberChoice } from '@/lib/browser/remember-choice'
import { useRefresh } from './use-page-lock'

interface LanguageChoiceProps {
  /** All languages, each with its own name for itself. */
  languages: { tag: string; name: string }[]
  /** The tag of the page's language. */
  chosen: string
  /** Lies over the ends of the choice. */
  icons: ReactNode
}

/** Chooses the language of the site (U75). The `locale` cookie stores the choice, and the server renders the texts. */
export function LanguageChoice({ languages, chosen, icons }: LanguageChoiceProps) {
  const translate = useTranslations('common')
  const refresh = useRefresh()
  const [shown, setShown] = useOptimistic(chosen)
  if (languages.length < 2) return null

  const choose = (tag: string) =>
    startTransition(() => {
      setShown(tag)
      rememberChoice('locale', tag)
      refresh()
    })

  return (
    <label className="relative inline-flex items-center text-muted text-sm hover:text-ink">
      <span className="sr-only">{translate('language')}</span>
      <select
        value={shown}
        onChange={(event) => choose(event.target.value)}
        className="min-h-9 cursor-pointer appearance-none rounded-full border border-control bg-surface ps-9 pe-9 pointer-coarse:min-h-11"
      >
        {languages.map(({ tag, name }) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
      {icons}
    </label>
  )
}
