import type { ReactNode } from 'react'
import { Progress } from '@/components/ui/progress'

interface ProgressLineProps {
  label: string
  /** 0 to 1, or null for an unknown duration. */
  fraction: number | null
  /** Shown and spoken. */
  text: string
  /** A button beside it. */
  children?: ReactNode
}

/** A thin progress bar with its state in words. */
export function ProgressLine({ label, fraction, text, children }: ProgressLineProps) {
  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 grow">
        <Progress label={label} fraction={fraction} valueText={text} />
        <p className="mt-1 truncate text-xs tabular-nums">{text}</p>
      </div>
      {children}
    </div>
  )
}
