import { Check } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { cn } from '@/components/ui/cn'

const steps = ['upload', 'crop', 'save'] as const

/** Progress through the steps upload, crop and save. */
export function Steps({ current }: { current: (typeof steps)[number] }) {
  const translate = useTranslations('common.steps')
  const format = useFormatter()
  const position = steps.indexOf(current)

  return (
    <ol aria-label={translate('label')} className="mb-6 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
      {steps.map((step, index) => {
        const here = index === position
        const done = index < position
        return (
          <li
            key={step}
            aria-current={here ? 'step' : undefined}
            className={cn('flex items-center gap-2', here ? 'font-medium text-ink' : 'text-muted')}
          >
            {index > 0 && (
              <span aria-hidden className="me-1 hidden w-4 border-control border-t min-[22.5rem]:block sm:w-10" />
            )}
            <span
              aria-hidden
              className={cn(
                'inline-flex size-6 items-center justify-center rounded-full border text-xs tabular-nums',
                here ? 'bg-accent text-accent-ink forced-colors:border-4' : done && 'text-accent',
                here || done ? 'border-accent' : 'border-control',
              )}
            >
              {done ? <Check className="size-3.5" strokeWidth={3} /> : format.number(index + 1)}
            </span>
            {done ? (
              <>
                <span aria-hidden>{translate(step)}</span>
                <span className="sr-only">{translate('done', { step: translate(step) })}</span>
              </>
            ) : (
              <span>{translate(step)}</span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
