'use client'

import { Slider as RadixSlider } from 'radix-ui'
import { type ReactNode, useId, useRef } from 'react'

interface SliderProps {
  label: string
  value: number
  min: number
  max: number
  step: number
  /** Shown and spoken value, such as "150%" or "90°". */
  valueText: string
  onValueChange: (value: number) => void
  /** The pointer or key is released: the changes since the last end are one gesture. */
  onEnd: () => void
  disabled?: boolean
  /**
   * A value at which a drag stops for a moment, marked on the track. The track is then filled from there, else from its
   * start.
   */
  detent?: number
  /** Buttons at the ends, for people who cannot drag. */
  before?: ReactNode
  after?: ReactNode
}

/** Share of the range around the detent within which a drag stops there. */
const detentShare = 0.02

/** A labelled slider. Arrow keys move one step, Page Up and Page Down ten, Home and End to the ends. */
export function Slider({
  label,
  value,
  min,
  max,
  step,
  valueText,
  disabled,
  detent,
  before,
  after,
  ...on
}: SliderProps) {
  const labelId = useId()
  const isPointer = useRef(false)

  function change(next: number) {
    const isNearDetent = detent !== undefined && Math.abs(next - detent) <= (max - min) * detentShare
    on.onValueChange(isPointer.current && isNearDetent ? detent : next)
  }

  return (
    <div>
      <div className="flex items-baseline justify-between gap-3 text-xs short:sr-only">
        <span id={labelId} className="font-medium">
          {label}
        </span>
        <span className="text-muted tabular-nums">{valueText}</span>
      </div>
      {/* Left and right mean the same in every language: sliders turn and zoom photos. */}
      <div dir="ltr" className="flex items-center gap-2">
        {before}
        <RadixSlider.Root
          dir="ltr"
          value={[value]}
          min={min}
          max={max}
          step={step}
          disabled={disabled}
          onPointerDownCapture={() => {
            isPointer.current = true
          }}
          onKeyDownCapture={() => {
            isPointer.current = false
          }}
          onValueChange={([next]) => next !== undefined && change(next)}
          onLostPointerCapture={on.onEnd}
          onKeyUp={on.onEnd}
          onBlur={on.onEnd}
          className="relative flex h-10 min-w-0 grow touch-none select-none items-center data-disabled:opacity-55 pointer-coarse:h-11"
        >
          {/* The middle of the thumb reaches from end to end. */}
          <RadixSlider.Track className="relative mx-3 h-1 grow rounded-full bg-control pointer-coarse:mx-5.5">
            {detent === undefined ? (
              <RadixSlider.Range className="absolute h-full rounded-full bg-accent forced-colors:bg-[Highlight]" />
            ) : (
              <span
                style={{ insetInlineStart: `${((detent - min) / (max - min)) * 100}%` }}
                className="absolute -top-1.5 h-4 w-0.5 -translate-x-1/2 rounded-full bg-control"
              />
            )}
          </RadixSlider.Track>
          <RadixSlider.Thumb
            aria-labelledby={labelId}
            aria-valuetext={valueText}
            className="grid size-6 place-items-center rounded-full pointer-coarse:size-11"
          >
            <span className="size-5 rounded-full border-2 border-accent bg-surface shadow-sm transition-colors hover:bg-accent-soft" />
          </RadixSlider.Thumb>
        </RadixSlider.Root>
        {after}
      </div>
    </div>
  )
}
