import { canRead } from './read-file'

/**
 * Why an image does not show. An image element does not report it.
 * - `unreadable_image`: this browser cannot read the file as an image
 * - `not_uploaded`: the store does not deliver the file: the URL has expired, or the file is gone
 * - `unreachable`: no response
 * - `file_changed`: the file on the person's disk has changed or is gone
 */
export type ImageFault = 'unreadable_image' | 'not_uploaded' | 'unreachable' | 'file_changed'

/**
 * Requests the image again to find out why it does not show. Does not read the body.
 * @param file the image, if it is a file of this browser, whose URL no script may request
 */
export async function diagnoseImage(url: string, file?: Blob): Promise<ImageFault> {
  if (file) return (await canRead(file)) ? 'unreadable_image' : 'file_changed'
  try {
    const response = await fetch(url, { cache: 'no-store' })
    void response.body?.cancel()
    return response.ok ? 'unreadable_image' : 'not_uploaded'
  } catch {
    // No response, or none that this site may read (Fetch standard, "network error").
    return 'unreachable'
  }
}
