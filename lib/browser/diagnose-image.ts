/**
 * Why a picture from the store does not show, which an image element does not tell.
 * - `unreadable_image`: its bytes are there, and are no picture for this browser
 * - `not_uploaded`: the store does not give them: the link has expired, or the file is gone
 * - `unreachable`: no answer
 */
export type ImageFault = 'unreadable_image' | 'not_uploaded' | 'unreachable'

/** Asks the store for the picture once more, and looks at how it answers; the bytes themselves are left. */
export async function diagnoseImage(url: string): Promise<ImageFault> {
  try {
    const response = await fetch(url, { cache: 'no-store' })
    void response.body?.cancel()
    return response.ok ? 'unreadable_image' : 'not_uploaded'
  } catch {
    // Fetch standard, "network error": there was no answer, or none that this site may see.
    return 'unreachable'
  }
}
