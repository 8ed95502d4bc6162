'use server'

/** Does nothing: what is left is what Next makes of any action. */
export async function trivial(): Promise<null> {
  return null
}
