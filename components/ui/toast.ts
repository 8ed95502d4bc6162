/** A short message that disappears by itself. */
export interface Toast {
  id: number
  kind: 'plain' | 'success' | 'error'
  text: string
  /** In milliseconds. Hovering and focusing the toast stop the time. */
  duration: number
  /** One button. It closes the toast. */
  action?: { label: string; onClick: () => void } | undefined
}

type Options = Partial<Pick<Toast, 'duration' | 'action'>>

/** Older toasts make room for new ones. */
const maxShown = 3

let shown: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()

/** Shows a toast (`components/layout/toaster.tsx`). @returns its id, for `toast.dismiss` */
export function toast(text: string, options?: Options): number {
  return show('plain', text, options)
}
toast.success = (text: string, options?: Options) => show('success', text, options)
toast.error = (text: string, options?: Options) => show('error', text, options)
toast.dismiss = (id: number) => update(shown.filter((one) => one.id !== id))

function show(kind: Toast['kind'], text: string, options: Options = {}): number {
  lastId += 1
  update(
    [...shown, { id: lastId, kind, text, duration: kind === 'error' ? 10_000 : 5_000, ...options }].slice(-maxShown),
  )
  return lastId
}

function update(next: readonly Toast[]): void {
  shown = next
  for (const listener of listeners) listener()
}

/** Returns the toasts on the screen, oldest first. The same array until something changes. */
export function shownToasts(): readonly Toast[] {
  return shown
}

/** Calls back when a toast appears or disappears. @returns stops it */
export function onToastsChange(callback: () => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}
