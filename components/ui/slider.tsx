'use client'

import { Slider as RadixSlider } from 'radix-ui'
import { type ReactNode, useId } from 'react'

interface SliderProps {
  label: string
  value: number
  min: number
  max: number
  step: number
  /** Shown and spoken value, such as "150%" or "90°". */
  valueText: string
  onValueChange: (value: number) => void
  disabled?: boolean
  /** Fills the track up to the value. False for a range with zero in the middle. */
  filled?: boolean
  /** Buttons at the ends, for people who cannot drag. */
  before?: ReactNode
  after?: ReactNode
}

/** A labelled slider. Arrow keys move one step, Page Up and Page Down ten, Home and End to the ends. */
export function Slider({
  label,
  value,
  min,
  max,
  step,
  valueText,
  onValueChange,
  disabled,
  filled = true,
  before,
  after,
}: SliderProps) {
  const labelId = useId()
  return (
    <div>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span id={labelId} className="font-medium">
          {label}
        </span>
        <span className="text-muted tabular-nums">{valueText}</span>
      </div>
      <div className="mt-1 flex items-center gap-3">
        {before}
        <RadixSlider.Root
          value={[value]}
          min={min}
          max={max}
          step={step}
          disabled={disabled}
          onValueChange={([next]) => next !== undefined && onValueChange(next)}
          className="relative flex h-10 min-w-0 grow touch-none select-none items-center data-disabled:opacity-55 pointer-coarse:h-11"
        >
          <RadixSlider.Track className="relative h-1.5 grow rounded-full border border-control bg-raised">
            {filled && (
              <RadixSlider.Range className="absolute h-full rounded-full bg-accent forced-colors:bg-[Highlight]" />
            )}
          </RadixSlider.Track>
          <RadixSlider.Thumb
            aria-labelledby={labelId}
            aria-valuetext={valueText}
            className="grid size-6 place-items-center rounded-full pointer-coarse:size-11"
          >
            <span className="size-6 rounded-full border-2 border-accent bg-surface shadow-sm transition-colors hover:bg-accent-soft" />
          </RadixSlider.Thumb>
        </RadixSlider.Root>
        {after}
      </div>
    </div>
  )
}
