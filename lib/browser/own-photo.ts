/** A photo, ready to be shown. */
export interface OwnPhoto {
  url: string
  posterUrl?: string | undefined
}

let latest: OwnPhoto | null = null
const listeners = new Set<() => void>()

/** Shows the photo that was just saved in this tab's header, until the server renders the header again. */
export function setOwnPhoto(photo: OwnPhoto | null): void {
  if (photo === latest) return
  latest = photo
  for (const listener of listeners) listener()
}

/** The photo that was just saved in this tab, if the server has not rendered the header since. */
export function ownPhoto(): OwnPhoto | null {
  return latest
}

/** Calls back whenever it changes. Returns the function that ends it. */
export function onOwnPhoto(callback: () => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}
