'use client'

import { type RefObject, useEffect } from 'react'

/**
 * Gives an element that appears the focus if what had it has just gone from the page.
 * Where the person's focus is still on something, it stays there.
 */
export function useFocusWhenLost(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (document.activeElement === document.body) element.current?.focus()
  }, [element])
}
