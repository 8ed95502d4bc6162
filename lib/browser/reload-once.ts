/**
 * Reloads the page because the hosts have a newer build and files of this one are gone. Reloads at most once in five
 * minutes, and not offline, where the person would lose the page. The URL and the store keep the state.
 *
 * app/layout.tsx also inlines the source of this function, so it must not use anything from outside.
 * @returns whether the page reloads
 */
export function reloadOnce(): boolean {
  try {
    const key = `reloaded ${location.pathname}`
    const isTooSoon = Date.now() - Number(sessionStorage.getItem(key)) < 5 * 60 * 1000
    if (isTooSoon || !navigator.onLine) return false
    sessionStorage.setItem(key, String(Date.now()))
  } catch {
    // Without storage, nothing would stop a reload loop.
    return false
  }
  location.reload()
  return true
}

/** Whether a file of the page's build failed to load. Webpack and Turbopack use the same error name. */
export function isChunkGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'ChunkLoadError'
}

/**
 * Reloads the page if one of its scripts or styles fails to load, because it may not respond then. Without a reload,
 * marks the document, and `IncompleteNotice` shows. app/layout.tsx inlines the source of this function.
 */
export function watchFirstLoad(reload: () => boolean): void {
  const onError = ({ target }: Event) => {
    const isOurs =
      (target instanceof HTMLScriptElement && target.src.includes('/_next/static/')) ||
      (target instanceof HTMLLinkElement && target.rel === 'stylesheet')
    if (isOurs && !reload()) document.documentElement.dataset.incomplete = ''
  }
  // Capture phase, because these events do not bubble.
  window.addEventListener('error', onError, true)
  window.addEventListener('load', () => window.removeEventListener('error', onError, true))
}
