'use client'

import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'

/**
 * Moves the focus to the page's heading after each navigation, so that screen readers say where the person is (U66).
 * Leaves it alone on the first load, and if something on the new page already has it. Renders nothing, last in the
 * layout: its effect runs after those of the page.
 */
export function FocusHeading() {
  const path = usePathname()
  const shown = useRef(path)
  useEffect(() => {
    const previous = shown.current
    shown.current = path
    // In the editor, the address of the upload replaces the first one.
    if (previous === path || (previous === '/crop' && path.startsWith('/crop/'))) return
    if (focusHeading()) return
    // The page waits for the store and shows its heading later.
    const observer = new MutationObserver(() => focusHeading() && observer.disconnect())
    observer.observe(document.body, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [path])
  return null
}

/** Focuses the heading of the page, unless something else has the focus. Returns whether one of them has it now. */
export function focusHeading(): boolean {
  const { activeElement } = document
  // The pressed link of the header stays on the page, so it still has the focus.
  if (activeElement && activeElement !== document.body && !activeElement.closest('header')) return true
  const heading = [...document.querySelectorAll<HTMLElement>('main h1')].find(
    // A heading of placeholders makes room for the one that stays.
    (element) => element.checkVisibility() && !element.closest('[aria-busy=true]'),
  )
  if (!heading) return false
  heading.tabIndex = -1
  heading.classList.add('outline-none')
  // Next restores the place on the page after Back.
  heading.focus({ preventScroll: true })
  return true
}
