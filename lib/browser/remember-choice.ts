const yearSeconds = 365 * 24 * 60 * 60

/** Stores a person's choice in a cookie, so that the server renders the next page with it. */
export function rememberChoice(name: 'theme' | 'locale', value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API exists on https only, and not everywhere
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=${yearSeconds}`
}
