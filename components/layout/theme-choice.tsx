'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useSyncExternalStore } from 'react'
import { rememberChoice } from '@/lib/browser/remember-choice'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const icons = { system: Monitor, light: Sun, dark: Moon }

/**
 * Chooses the system, light or dark theme. The `theme` cookie stores the choice, and the server renders it as
 * `<html data-theme>`, so nothing flashes before scripts run.
 */
export function ThemeChoice({ initial }: { initial: Theme }) {
  const translate = useTranslations('common.theme')
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
    <fieldset className="flex rounded-lg border border-control bg-surface p-0.5 text-sm">
      <legend className="sr-only">{translate('label')}</legend>
      {themes.map((theme) => {
        const Icon = icons[theme]
        return (
          <label
            key={theme}
            className="relative inline-flex min-h-8 cursor-pointer items-center gap-1.5 rounded-md px-2.5 text-muted hover:text-ink has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-3 has-focus-visible:outline-accent has-focus-visible:outline-offset-2 pointer-coarse:min-h-11 forced-colors:has-checked:outline-2"
          >
            <input
              type="radio"
              name="theme"
              value={theme}
              checked={chosen === theme}
              onChange={() => choose(theme)}
              className="sr-only"
            />
            <Icon aria-hidden className="size-4" />
            <span>{translate(theme)}</span>
          </label>
        )
      })}
    </fieldset>
  )
}

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}
