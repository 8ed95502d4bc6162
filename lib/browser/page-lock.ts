let locks = 0
const waiting = new Set<() => void>()

/**
 * Locks the page while it has state that a reload would lose: a chosen file, a selection, a half-typed text. Work given
 * to `whenUnlocked` waits until every lock is released.
 * @returns unlocks
 */
export function lockPage(): () => void {
  locks += 1
  return () => {
    locks -= 1
    if (locks > 0) return
    const ready = [...waiting]
    waiting.clear()
    for (const work of ready) work()
  }
}

/** Runs the work now, or once after the page is unlocked. Waiting work that is passed again still runs once. */
export function whenUnlocked(work: () => void): void {
  if (locks === 0) work()
  else waiting.add(work)
}

let refreshes = 0

/** Counts a refresh: Next requests this page again from the server. @returns ends the refresh */
export function beginRefresh(): () => void {
  refreshes += 1
  return () => {
    refreshes -= 1
  }
}

export function isRefreshing(): boolean {
  return refreshes > 0
}
