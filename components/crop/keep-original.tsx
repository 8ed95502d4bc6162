import { useTranslations } from 'next-intl'
import { useId } from 'react'

interface KeepOriginalProps {
  checked: boolean
  /** The save is under way: too late to choose. */
  disabled: boolean
  /** The text that says what is in the original. */
  hintId: string
  onChange: (checked: boolean) => void
}

/** Asks whether the original is kept. It stands beside Save, so that nobody saves without having seen it. */
export function KeepOriginal({ checked, disabled, hintId, onChange }: KeepOriginalProps) {
  const translate = useTranslations('crop.preview.original')
  const id = useId()
  return (
    <div className="flex items-center gap-3">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={hintId}
        className="size-6 shrink-0 accent-accent"
      />
      <label htmlFor={id} className="flex min-h-10 items-center font-medium leading-snug pointer-coarse:min-h-11">
        {translate('keep')}
      </label>
    </div>
  )
}
