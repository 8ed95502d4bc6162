import { Check } from 'lucide-react'
import { useTranslations } from 'next-intl'

/** Says that a photo is the one in use. */
export function InUseBadge() {
  const translate = useTranslations('gallery')
  return (
    <p className="mb-1 flex items-center gap-1.5 font-medium text-accent text-sm">
      <Check aria-hidden className="size-4" strokeWidth={3} />
      <span>{translate('inUse')}</span>
    </p>
  )
}
