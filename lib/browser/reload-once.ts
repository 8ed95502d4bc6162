/**
 * Loads this address anew where a part of the page's build is gone, because the hosts are of a newer one by now. Once:
 * where that has not helped, another reload within five minutes would not either. Address and store hold the step.
 * Answers whether the page is on its way; never offline, where even what still stands would be lost.
 *
 * Its text stands in the page's head, too, where nothing else is loaded yet: it may use nothing from outside.
 */
export function reloadOnce(): boolean {
  try {
    const mark = `reloaded ${location.pathname}`
    const isTooSoon = Date.now() - Number(sessionStorage.getItem(mark)) < 5 * 60 * 1000
    if (isTooSoon || !navigator.onLine) return false
    sessionStorage.setItem(mark, String(Date.now()))
  } catch {
    // Storage is shut to this site: nothing would end a loop.
    return false
  }
  location.reload()
  return true
}

/** Whether a part of the page's build could not be loaded. Webpack and Turbopack give it the same name. */
export function isChunkGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'ChunkLoadError'
}

/**
 * Watches the document's own scripts and styles as they load. Without one of them the page would stand there and not
 * listen: it is loaded anew, or else marked, and `IncompleteNotice` shows. Stands in the page's head as text.
 */
export function watchFirstLoad(reload: () => boolean): void {
  const onError = ({ target }: Event) => {
    const isOurs =
      (target instanceof HTMLScriptElement && target.src.includes('/_next/static/')) ||
      (target instanceof HTMLLinkElement && target.rel === 'stylesheet')
    if (isOurs && !reload()) document.documentElement.dataset.incomplete = ''
  }
  // Capturing: what fails to load tells nobody but itself.
  window.addEventListener('error', onError, true)
  window.addEventListener('load', () => window.removeEventListener('error', onError, true))
}
