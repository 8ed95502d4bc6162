import type { Recipe } from '@/lib/images/schema'
import type { FaceRequest, FoundFaces, Frame } from './face-worker'

/** A slow phone on a slow network needs this long for the worker's files and the picture. */
const withinMilliseconds = 30_000

/**
 * Finds the crop around the faces of a picture in a worker, which ends afterwards. The page loads this code when it needs
 * it. Never throws: without WebAssembly, worker, network or time there is no answer.
 * @param picture a file of this browser, or the URL from which the editor shows it
 * @returns null without a face, or if faces cannot be found here
 */
export async function findOpeningCrop(
  picture: Blob | string,
  frame: Frame,
  signal: AbortSignal,
): Promise<Recipe | null> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMilliseconds)])
    const blob = typeof picture === 'string' ? await download(picture, within) : picture
    const found = await askWorker({ picture: blob, frame }, within)
    return found?.recipe ?? null
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

async function askWorker(request: FaceRequest, signal: AbortSignal): Promise<FoundFaces | null> {
  const worker = new Worker(new URL('./face-worker.ts', import.meta.url), { name: 'face' })
  try {
    return await new Promise((resolve) => {
      worker.addEventListener('message', ({ data }: MessageEvent<FoundFaces | null>) => resolve(data), { signal })
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        resolve(null)
      })
      signal.addEventListener('abort', () => resolve(null))
      worker.postMessage(request)
    })
  } finally {
    worker.terminate()
  }
}
