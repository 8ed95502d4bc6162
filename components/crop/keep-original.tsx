'use client'

import { useTranslations } from 'next-intl'
import { useId } from 'react'

interface KeepOriginalProps {
  checked: boolean
  /** During a save. */
  disabled: boolean
  onChange: (checked: boolean) => void
}

/** The switch that keeps the original for another crop, with one line about who can see it. */
export function KeepOriginal({ checked, disabled, onChange }: KeepOriginalProps) {
  const translate = useTranslations('crop.preview.original')
  const id = useId()
  return (
    <div className="flex items-center gap-3 text-start">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={`${id}-hint`}
        className="relative h-6 w-10 shrink-0 cursor-pointer appearance-none rounded-full bg-control transition-colors before:absolute before:start-0.5 before:top-0.5 before:size-5 before:rounded-full before:bg-surface before:transition-transform checked:bg-accent checked:before:translate-x-4 disabled:opacity-55 rtl:checked:before:-translate-x-4 forced-colors:appearance-auto forced-colors:before:hidden"
      />
      <div className="min-w-0 leading-snug">
        <label htmlFor={id} className="font-medium text-sm">
          {translate('keep')}
        </label>
        <p id={`${id}-hint`} className="text-xs opacity-80">
          {translate('hint')}
        </p>
      </div>
    </div>
  )
}
