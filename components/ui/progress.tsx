import { Progress as RadixProgress } from 'radix-ui'

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
    <RadixProgress.Root
      aria-label={label}
      aria-valuetext={valueText}
      max={100}
      value={fraction === null ? null : Math.floor(fraction * 100)}
      className="h-2 overflow-hidden rounded-full bg-raised ring-1 ring-line ring-inset forced-colors:border"
    >
      <RadixProgress.Indicator
        className="h-full rounded-full bg-accent transition-[width] duration-200 data-[state=indeterminate]:w-full data-[state=indeterminate]:animate-pulse motion-reduce:data-[state=indeterminate]:opacity-40 forced-colors:bg-[Highlight]"
        style={fraction === null ? undefined : { width: `${fraction * 100}%` }}
      />
    </RadixProgress.Root>
  )
}
