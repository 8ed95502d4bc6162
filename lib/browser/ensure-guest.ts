import { api } from './api-client'
import { attemptWithRetries } from './attempt'

/**
 * Creates a guest, unless this browser has a session. The requests of all tabs run one after another: of two at once,
 * each would create a guest, and the photos of one of them would be lost.
 */
export function ensureGuest() {
  const request = () => attemptWithRetries(api.signInAsGuest)
  // Missing on pages without https.
  const locks = navigator.locks as LockManager | undefined
  return locks ? locks.request('guest', request) : request()
}
