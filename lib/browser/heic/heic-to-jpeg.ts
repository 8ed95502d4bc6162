import { shrinkImage } from '../load-image'
import { renameTo, type ShrinkLimits } from '../shrink'
import type { HeicAnswer, HeicRequest } from './heic-worker'

/** A 12 MP photo takes 4 s on a laptop. Slow phones need several times as long. */
const maxDecodingMs = 60_000

/**
 * Converts a HEIC to a JPEG that fits the limits. The browser decodes it if it can, else libheif does, in a worker that
 * loads only then. Returns null if neither can, or not in time.
 * @throws the signal's reason, if it aborts
 */
export async function heicToJpeg(file: File, limits: ShrinkLimits, signal: AbortSignal): Promise<File | null> {
  const shrunk = await shrinkImage(file, { ...limits, type: 'image/jpeg' })
  signal.throwIfAborted()
  if (shrunk) return shrunk
  const jpeg = await decodeInWorker({ file, limits }, signal)
  signal.throwIfAborted()
  return jpeg && new File([jpeg], renameTo(jpeg.type, file.name), { type: jpeg.type })
}

function decodeInWorker({ file, limits }: HeicRequest, signal: AbortSignal): Promise<HeicAnswer> {
  const worker = new Worker(new URL('./heic-worker.ts', import.meta.url))
  const { maxBytes, maxPixels } = limits
  let timer: ReturnType<typeof setTimeout>
  return new Promise<HeicAnswer>((resolve) => {
    timer = setTimeout(() => resolve(null), maxDecodingMs)
    signal.addEventListener('abort', () => resolve(null))
    worker.onmessage = ({ data }: MessageEvent<HeicAnswer>) => resolve(data)
    worker.onerror = () => resolve(null)
    worker.postMessage({ file, limits: { maxBytes, maxPixels } } satisfies HeicRequest)
  }).finally(() => {
    clearTimeout(timer)
    worker.terminate()
  })
}
