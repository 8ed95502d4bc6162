'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useId, useSyncExternalStore } from 'react'
import { rememberChoice } from '@/lib/browser/remember-choice'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

interface ThemeChoiceProps {
  initial: Theme
  icons: Record<Theme, ReactNode>
}

/**
 * Chooses the system, light or dark theme. The `theme` cookie stores the choice, and the server renders it as
 * `<html data-theme>`, so nothing flashes before scripts run.
 */
export function ThemeChoice({ initial, icons }: ThemeChoiceProps) {
  const translate = useTranslations('common.theme')
  // The account menu and the footer may both have one.
  const name = useId()
  // Read the document, because a page restored by the router may have an older `initial`.
  const chosen = useSyncExternalStore(
    subscribe,
    () => document.documentElement.dataset.theme ?? initial,
    () => initial,
  )

  const choose = (theme: Theme) => {
    document.documentElement.dataset.theme = theme
    rememberChoice('theme', theme)
  }

  return (
    <fieldset className="-me-2 flex">
      <legend className="sr-only">{translate('label')}</legend>
      {themes.map((theme) => (
        <label
          key={theme}
          title={translate(theme)}
          className="relative inline-flex size-9 cursor-pointer items-center justify-center rounded-full hover:text-ink has-checked:bg-raised has-checked:text-ink has-focus-visible:outline-3 has-focus-visible:outline-accent has-focus-visible:outline-offset-2 pointer-coarse:size-11 forced-colors:has-checked:outline-2"
        >
          <input
            type="radio"
            name={name}
            value={theme}
            checked={chosen === theme}
            onChange={() => choose(theme)}
            className="sr-only"
          />
          {icons[theme]}
          <span className="sr-only">{translate(theme)}</span>
        </label>
      ))}
    </fieldset>
  )
}

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}
