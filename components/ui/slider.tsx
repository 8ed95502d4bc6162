'use client'

import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'

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

  /** A browser would move by a tenth of the range. */
  function changeByPage(event: KeyboardEvent) {
    const steps = { PageUp: 10, PageDown: -10 }[event.key]
    if (!steps) return
    event.preventDefault()
    change(Math.max(min, Math.min(max, value + steps * step)))
  }

  const share = (at: number) => `${((at - min) / (max - min)) * 100}%`

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
        <span className="relative flex h-10 min-w-0 grow items-center has-disabled:opacity-55 pointer-coarse:h-11">
          {/* The middle of the thumb reaches from end to end. */}
          <span aria-hidden className="absolute inset-x-2.5 h-1 rounded-full bg-control pointer-coarse:inset-x-3.5">
            {detent === undefined ? (
              <span
                style={{ width: share(value) }}
                className="absolute h-full rounded-full bg-accent forced-colors:bg-[Highlight]"
              />
            ) : (
              <span
                style={{ insetInlineStart: share(detent) }}
                className="absolute -top-1.5 h-4 w-0.5 -translate-x-1/2 rounded-full bg-control"
              />
            )}
          </span>
          <input
            type="range"
            value={value}
            min={min}
            max={max}
            step={step}
            disabled={disabled}
            aria-labelledby={labelId}
            aria-valuetext={valueText}
            onChange={(event) => change(Number(event.target.value))}
            onPointerDown={(event) => {
              isPointer.current = true
              event.currentTarget.setPointerCapture(event.pointerId)
            }}
            onLostPointerCapture={() => {
              isPointer.current = false
              on.onEnd()
            }}
            onKeyDown={changeByPage}
            onKeyUp={on.onEnd}
            onBlur={on.onEnd}
            className="thumb:box-border thumb:size-5 pointer-coarse:thumb:size-7 relative size-full cursor-pointer touch-none appearance-none thumb:appearance-none thumb:rounded-full rounded-full thumb:border-2 thumb:border-accent bg-transparent thumb:bg-surface"
          />
        </span>
        {after}
      </div>
    </div>
  )
}
