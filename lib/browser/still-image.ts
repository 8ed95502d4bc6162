import { mayBeAnimated } from '@/lib/images/file/frames'

/** Bytes at the start of a file that say whether it moves. */
const startBytes = 4096

/**
 * Returns the URL of an image's first frame, or null if the image does not move or cannot be read.
 * @param url of the image
 * @param file the image itself, if it is a file of this browser: pages may not request the URLs of such files
 */
export async function stillImage(url: string, file: Blob | null): Promise<string | null> {
  try {
    const start = file ? await file.slice(0, startBytes).arrayBuffer() : await requestStart(url)
    if (!mayBeAnimated(new Uint8Array(start))) return null
    const frame = await createImageBitmap(file ?? (await (await fetch(url)).blob()))
    const canvas = document.createElement('canvas')
    canvas.width = frame.width
    canvas.height = frame.height
    canvas.getContext('2d')?.drawImage(frame, 0, 0)
    frame.close()
    const still = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
    return still && URL.createObjectURL(still)
  } catch {
    return null
  }
}

async function requestStart(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { headers: { range: `bytes=0-${startBytes - 1}` } })
  return response.arrayBuffer()
}
