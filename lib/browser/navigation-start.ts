const listeners = new Set<() => void>()

/** Reports that the router begins to open another page (`instrumentation-client.ts`). */
export function announceNavigationStart(): void {
  for (const listener of listeners) listener()
}

/** Calls back when the router begins to open another page. @returns stops it */
export function onNavigationStart(callback: () => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}
