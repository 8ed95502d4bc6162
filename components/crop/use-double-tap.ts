import { type PointerEvent, useRef } from 'react'

/** Milliseconds and CSS pixels within which a press is a tap, and two taps are a double tap. */
const tap = { milliseconds: 300, pixels: 10 }
const pair = { milliseconds: 400, pixels: 30 }

type Press = Pick<PointerEvent, 'clientX' | 'clientY' | 'timeStamp'>

/** Returns pointer handlers that call back on a double click, and on a double tap, for which browsers differ. */
export function useDoubleTap(onDoubleTap: (event: PointerEvent) => void) {
  const down = useRef<Press | null>(null)
  const lastTap = useRef<Press | null>(null)
  return {
    onPointerDown(event: PointerEvent) {
      // A second finger makes it a pinch.
      down.current = event.isPrimary && event.button === 0 ? event : null
      if (!event.isPrimary) lastTap.current = null
    },
    onPointerUp(event: PointerEvent) {
      if (!event.isPrimary) return
      const isTap = down.current !== null && isNear(down.current, event, tap)
      const isSecond = isTap && lastTap.current !== null && isNear(lastTap.current, event, pair)
      down.current = null
      lastTap.current = isTap && !isSecond ? event : null
      if (isSecond) onDoubleTap(event)
    },
  }
}

function isNear(one: Press, other: Press, limit: typeof tap): boolean {
  const distance = Math.hypot(other.clientX - one.clientX, other.clientY - one.clientY)
  return distance <= limit.pixels && other.timeStamp - one.timeStamp <= limit.milliseconds
}
