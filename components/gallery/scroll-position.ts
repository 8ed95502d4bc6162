import type { LoadedImages } from './loaded-images'

interface Position {
  loaded: LoadedImages
  scrollY: number
  /** Milliseconds since 1970. */
  at: number
}

/** Presigned URLs expire, so an older position is ignored. */
const freshForMs = 8 * 60 * 1000

/** Positions by history entry. Browser only (set in effects); lost on reload. */
const positions = new Map<string, Position>()

/** Stores the loaded images and the scroll position of a history entry's gallery. */
export function saveScrollPosition(entry: string, loaded: LoadedImages): void {
  positions.set(entry, { loaded, scrollY: window.scrollY, at: Date.now() })
}

/** Returns the position of a history entry, or null. Going Back finds one; opening the gallery by a link does not. */
export function readScrollPosition(entry: string): Position | null {
  const position = positions.get(entry)
  return position && Date.now() - position.at < freshForMs ? position : null
}
