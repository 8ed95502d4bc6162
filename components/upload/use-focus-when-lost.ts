import { type RefObject, useEffect } from 'react'

/** Focuses an element on mount, but only if the previously focused element has just disappeared. */
export function useFocusWhenLost(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (document.activeElement === document.body) element.current?.focus()
  }, [element])
}
