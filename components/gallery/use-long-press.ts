import { type MouseEvent, type PointerEvent, useRef } from 'react'

/** As long as the context menu takes on Android. */
const longPressMs = 500

/** Returns handlers that call back after a long press by touch, and swallow the click and context menu it ends with. */
export function useLongPress(onLongPress: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isLong = useRef(false)
  const isTouch = useRef(false)
  // A finger that scrolls the page ends in `pointercancel`.
  const stop = () => clearTimeout(timer.current)
  return {
    onPointerDown: ({ pointerType }: PointerEvent) => {
      isLong.current = false
      isTouch.current = pointerType === 'touch'
      if (!isTouch.current) return
      timer.current = setTimeout(() => {
        isLong.current = true
        onLongPress()
      }, longPressMs)
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onClickCapture: (event: MouseEvent) => {
      if (isLong.current) event.stopPropagation()
      isLong.current = false
    },
    onContextMenu: (event: MouseEvent) => isTouch.current && event.preventDefault(),
  }
}
