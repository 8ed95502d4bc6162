/**
 * Asks for confirmation before the person leaves the page: with the browser's own text on close, reload and other
 * sites, and with this text on links inside the site, which the browser does not handle.
 * @returns stops it
 */
export function warnBeforeLeaving(text: string): () => void {
  const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    if (!(link instanceof HTMLAnchorElement) || !leavesPage(link, event)) return
    if (!window.confirm(text)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  window.addEventListener('beforeunload', onUnload)
  // Capture phase: before React passes the click to Next's links.
  document.addEventListener('click', onClick, true)
  return () => {
    window.removeEventListener('beforeunload', onUnload)
    document.removeEventListener('click', onClick, true)
  }
}

/** Links to other sites get the browser's question. New tabs and anchors on this page do not leave it. */
function leavesPage(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const inNewTab = event.metaKey || event.ctrlKey || event.shiftKey || (link.target !== '' && link.target !== '_self')
  const elsewhere = link.pathname !== location.pathname || link.search !== location.search
  return !inNewTab && link.origin === location.origin && elsewhere
}
