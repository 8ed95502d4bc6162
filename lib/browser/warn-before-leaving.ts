/**
 * Asks for confirmation before the person leaves the site, closes the tab or reloads, with the browser's own text. Links
 * inside the site need no question: the layout stays, and what runs in it.
 * @returns stops it
 */
export function warnBeforeLeaving(): () => void {
  const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
  window.addEventListener('beforeunload', onUnload)
  return () => window.removeEventListener('beforeunload', onUnload)
}
