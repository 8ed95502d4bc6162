import { cn } from './cn'

interface ProgressProps {
  label: string
  /** 0 to 1, or null for an unknown duration. */
  fraction: number | null
  /** Spoken value, such as "42%, 1.2 of 2.9 MB". */
  valueText: string
}

/** A progress bar with a name and a spoken value. Without a fraction it pulses, or is pale under reduced motion. */
export function Progress({ label, fraction, valueText }: ProgressProps) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuetext={valueText}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.floor(fraction * 100)}
      className="h-1.5 overflow-hidden rounded-full bg-raised ring-1 ring-line ring-inset forced-colors:border"
    >
      <div
        className={cn(
          'h-full rounded-full bg-accent transition-[width] duration-200 ease-out forced-colors:bg-[Highlight]',
          fraction === null && 'w-full animate-pulse motion-reduce:opacity-40',
        )}
        style={fraction === null ? undefined : { width: `${fraction * 100}%` }}
      />
    </div>
  )
}
