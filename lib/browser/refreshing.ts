let refreshes = 0

/** Says that Next is asking the server for this page again. Returns what ends it. */
export function beginRefresh(): () => void {
  refreshes += 1
  return () => {
    refreshes -= 1
  }
}

/** Whether this page is being asked for again. */
export function isRefreshing(): boolean {
  return refreshes > 0
}
