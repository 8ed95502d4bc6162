/**
 * Why an image from the store does not show. An image element does not report it.
 * - `unreadable_image`: this browser cannot read the file as an image
 * - `not_uploaded`: the store does not deliver the file: the URL has expired, or the file is gone
 * - `unreachable`: no response
 */
export type ImageFault = 'unreadable_image' | 'not_uploaded' | 'unreachable'

/** Requests the image again to find out why it does not show. Does not read the body. */
export async function diagnoseImage(url: string): Promise<ImageFault> {
  try {
    const response = await fetch(url, { cache: 'no-store' })
    void response.body?.cancel()
    return response.ok ? 'unreadable_image' : 'not_uploaded'
  } catch {
    // No response, or none that this site may read (Fetch standard, "network error").
    return 'unreachable'
  }
}
