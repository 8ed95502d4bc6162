/** The one thing that this room knows of a person: the prefix of their own in the store. It comes from the session. */
export interface Owner {
  uid: string
}
