/** What proves who a person is, and how they prove it again. */
export interface Credentials {
  /** The `Cookie` header of the session. */
  cookie: string
  /** The `sub` of the account at the provider. Null for guests, who cannot sign in again. */
  subject: string | null
  /**
   * Whether a try without a response may still end the session: a late "sign out everywhere", or the first sign-in of
   * this person on another host, which writes another epoch.
   */
  mayEnd: boolean
  /** The sessions that the person has ended everywhere. */
  ended: string[]
}

/** Returns the credentials of a guest. */
export function guestCredentials(cookie: string): Credentials {
  return { cookie, subject: null, mayEnd: false, ended: [] }
}
