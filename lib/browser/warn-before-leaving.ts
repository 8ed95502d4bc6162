/**
 * Asks before the page is left: by closing, reloading or going elsewhere (the browser's own sentence),
 * and by a link inside the site, which the browser knows nothing of (the given sentence). Returns what ends it.
 */
export function warnBeforeLeaving(sentence: string): () => void {
  const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    if (!(link instanceof HTMLAnchorElement) || !leadsAway(link, event)) return
    if (!window.confirm(sentence)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  window.addEventListener('beforeunload', onUnload)
  // Capturing: before React hands the click to Next's links.
  document.addEventListener('click', onClick, true)
  return () => {
    window.removeEventListener('beforeunload', onUnload)
    document.removeEventListener('click', onClick, true)
  }
}

/** Other sites get the browser's question; new tabs and places on this page leave nothing. */
function leadsAway(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const inNewTab = event.metaKey || event.ctrlKey || event.shiftKey || (link.target !== '' && link.target !== '_self')
  const elsewhere = link.pathname !== location.pathname || link.search !== location.search
  return !inNewTab && link.origin === location.origin && elsewhere
}
