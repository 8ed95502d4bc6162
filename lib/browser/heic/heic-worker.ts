import { encodingQuality, type ShrinkLimits, shrinkToFit } from '../shrink'
import { convertToSrgb, isDisplayP3 } from './display-p3'

// Each photo gets a new worker, so that its memory is free afterwards.

export interface HeicRequest {
  file: File
  limits: ShrinkLimits
}

/** A JPEG, or null if the file cannot be decoded. */
export type HeicAnswer = Blob | null

/** What we use of libheif's JavaScript interface. */
interface Libheif {
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] }
}

interface HeifImage {
  is_primary(): boolean
  get_width(): number
  get_height(): number
  /** Draws the image upright: irot and imir are applied. Calls back with null if that fails. */
  display(into: ImageData, callback: (drawn: ImageData | null) => void): void
}

/**
 * The decoder of heic-to's csp build, which needs no eval. A separate, unmodified file, because of its licence
 * (docs/licences.md), so it is loaded and not bundled. It does not use WebAssembly.
 */
const decoderUrl = new URL(
  '../../../node_modules/heic-to/src/lib/libheif-without-unsafe-eval.js',
  import.meta.url,
).toString()

const answer = (jpeg: HeicAnswer) => self.postMessage(jpeg)

self.onmessage = ({ data }: MessageEvent<HeicRequest>) => {
  convert(data).then(answer, () => answer(null))
}
// libheif's callbacks do not report every failure.
self.onunhandledrejection = () => answer(null)

async function convert({ file, limits }: HeicRequest): Promise<HeicAnswer> {
  const { default: load } = (await import(/* turbopackIgnore: true */ decoderUrl)) as { default: () => Libheif }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const images = new (load().HeifDecoder)().decode(bytes)
  const image = images.find((one) => one.is_primary()) ?? images[0]
  if (!image) return null

  const size = { width: image.get_width(), height: image.get_height() }
  const pixels = new ImageData(size.width, size.height)
  if (!(await new Promise((resolve) => image.display(pixels, resolve)))) return null
  // Not every browser's ImageData has another colour space.
  if (isDisplayP3(bytes)) convertToSrgb(pixels.data)

  const full = new OffscreenCanvas(size.width, size.height)
  full.getContext('2d')?.putImageData(pixels, 0, 0)
  return shrinkToFit(size, limits, ({ width, height }) => {
    const scaled = new OffscreenCanvas(width, height)
    const context = scaled.getContext('2d')
    if (!context) return Promise.resolve(null)
    context.imageSmoothingQuality = 'high'
    context.drawImage(full, 0, 0, width, height)
    return scaled.convertToBlob({ type: 'image/jpeg', quality: encodingQuality })
  })
}
