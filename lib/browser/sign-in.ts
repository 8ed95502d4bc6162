import { announcePhotoChange } from './photo-changes'

/** Whether people can start as guests. Otherwise they sign in at a provider. Only in browsers. */
export function hasGuests(): boolean {
  return document.documentElement.dataset.authMode === 'guest'
}

/** Whether a proxy in front of the site signs people in. Only in browsers. */
export function isBehindProxy(): boolean {
  return document.documentElement.dataset.authMode === 'proxy'
}

/** Channel of all tabs of this site. */
const channelName = 'sign-in'

/** Announces that a person has signed in in this tab. */
export function announceSignIn(): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(null)
  channel.close()
}

/** Calls back when a person signs in in another tab. @returns stops it */
export function onSignIn(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = () => callback()
  return () => channel.close()
}

/**
 * Leaves this site's pages after the session has ended. A full page load: the router would keep pages with photos for
 * Back.
 * @param next the address that the sign-out answered
 */
export function leaveSession(next: string): void {
  sessionStorage.clear()
  announcePhotoChange()
  window.location.assign(next)
}
