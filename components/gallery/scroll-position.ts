import type { LoadedImages } from './loaded-images'

interface Place {
  loaded: LoadedImages
  scrollY: number
  /** Milliseconds since 1970. */
  at: number
}

/** Pictures' URLs are signed for a while only; older than this, a page is better read again. */
const freshForMs = 8 * 60 * 1000

/**
 * Where galleries were left, by the history entry they belong to. It lives as long as the document:
 * never on the server, where no effect runs, and never beyond a reload.
 */
const places = new Map<string, Place>()

/** Remembers where the person was in the gallery of a history entry. */
export function saveScrollPosition(entry: string, loaded: LoadedImages): void {
  places.set(entry, { loaded, scrollY: window.scrollY, at: Date.now() })
}

/** The place kept for this history entry, or null: going Back finds it, opening the gallery anew does not. */
export function readScrollPosition(entry: string): Place | null {
  const place = places.get(entry)
  return place && Date.now() - place.at < freshForMs ? place : null
}
