import type { Size } from '@/lib/images/geometry'
import type { Face } from './blazeface'
import type { FoundFaces } from './face-worker'

/** A slow phone on a slow network needs this long for the worker's files and the picture. */
const withinMilliseconds = 30_000

/**
 * Finds the faces of a picture in a worker, which ends afterwards. Never throws: without WebAssembly, worker, network or
 * time there is no answer.
 * @param picture a file of this browser, or the URL from which the editor shows it
 * @param shown the size at which the editor shows it
 * @returns the faces in pixels of `shown`, best first; null if they are unknown
 */
export async function findFaces(picture: Blob | string, shown: Size, signal: AbortSignal): Promise<Face[] | null> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMilliseconds)])
    const found = await askWorker(typeof picture === 'string' ? await download(picture, within) : picture, within)
    return found && inPixelsOf(shown, found)
  } catch {
    return null
  }
}

async function download(url: string, signal: AbortSignal): Promise<Blob> {
  // Scripts may not read the cached response of an <img>.
  const response = await fetch(url, { cache: 'reload', signal })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response.blob()
}

async function askWorker(picture: Blob, signal: AbortSignal): Promise<FoundFaces | null> {
  const worker = new Worker(new URL('./face-worker.ts', import.meta.url), { name: 'face' })
  try {
    return await new Promise((resolve) => {
      worker.addEventListener('message', ({ data }: MessageEvent<FoundFaces | null>) => resolve(data), { signal })
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        resolve(null)
      })
      signal.addEventListener('abort', () => resolve(null))
      worker.postMessage(picture)
    })
  } finally {
    worker.terminate()
  }
}

/** Scales the faces, because a browser may show a picture at another size than it decodes (by the resolution in EXIF). */
function inPixelsOf(shown: Size, { size, faces }: FoundFaces): Face[] | null {
  const scaleX = shown.width / size.width
  const scaleY = shown.height / size.height
  // Decoded in another orientation than shown.
  if (Math.abs(scaleX / scaleY - 1) > 0.05) return null
  return faces.map(({ x, y, width, height }) => ({
    x: x * scaleX,
    y: y * scaleY,
    width: width * scaleX,
    height: height * scaleY,
  }))
}
