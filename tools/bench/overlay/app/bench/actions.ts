'use server'

/** Does nothing, so that its cost is what Next adds to any action. */
export async function trivial(): Promise<null> {
  return null
}
