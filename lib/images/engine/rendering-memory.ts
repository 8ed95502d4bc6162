import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import type { Header } from './header'

/**
 * Estimates the peak memory of rendering a picture, in bytes, without the file. The limiter reserves this much.
 *
 * All numbers are measured with sharp 0.35.5: the growth of a process's peak resident set (MALLOC_ARENA_MAX=2; 12 to 48
 * megapixels; several areas and rotations). rendering-memory.test.ts measures them again. A JPEG or WebP that the loader
 * shrinks takes less, but whether it can depends on the area.
 */
export function renderingMemory(
  header: Pick<
    Header,
    'stored' | 'format' | 'isProgressive' | 'pixelBytes' | 'isSubsampled' | 'frames' | 'loadedFrames'
  >,
  { rotate }: Pick<Recipe, 'rotate'>,
  variants: readonly Size[],
): number {
  const { stored, frames, loadedFrames } = header
  const [largest = { width: 0, height: 0 }] = variants
  const decoding = pixelsOf(stored) * decodingBytes(header)
  const rotating = rotate % 90 === 0 ? 0 : rotatingBytes * (largest.width ** 2 + largest.height ** 2)
  // The decoder has freed its memory when the extracted part is rotated.
  const largestStep = Math.max(decoding, rotating)
  if (frames === 1) return largestStep + drawingBytes
  // All frames as they are stored, and as each variant shows them.
  const drawn = variants.reduce((sum, variant) => sum + pixelsOf(variant), 0) * frames
  return largestStep + 4 * pixelsOf(stored) * loadedFrames + drawnBytes * drawn + garbageBytes
}

const pixelsOf = ({ width, height }: Size) => width * height

/** For the extracted pixels and the encoder, mostly of the largest variant. */
const drawingBytes = 20e6

/** For each pixel of the drawn frames, and of the encoder's files: those of noise are large. */
const drawnBytes = 6

/** For the pixels of single frames, until the garbage collector frees them. */
const garbageBytes = 64e6

/** For each pixel of the square on the diagonal of the largest variant. A rotation copies the extracted part often. */
const rotatingBytes = 32

/** Returns the bytes per stored pixel while the file is decoded. */
function decodingBytes({
  format,
  isProgressive,
  pixelBytes,
  isSubsampled,
}: Pick<Header, 'format' | 'isProgressive' | 'pixelBytes' | 'isSubsampled'>): number {
  switch (format) {
    // In strips, measured: 1.0-2.8. A progressive one holds all coefficients, of two bytes each: 4.1, 7.1 in 4:4:4, 9.2
    // in CMYK.
    case 'jpg':
      return isProgressive ? 2 * pixelBytes * (isSubsampled ? 0.5 : 1) + 2 : 3
    // In strips, measured: 0.3-0.9 of the pixels. An interlaced one holds all pixels: 1.1-1.3, with alpha 1.4-1.5.
    case 'png':
      return pixelBytes * (isProgressive ? (pixelBytes % 4 === 0 ? 1.6 : 1.3) : 1)
    // As a whole, measured: 5.9-7.
    case 'gif':
      return 7
    // As a whole, measured: 8.1, with alpha 9.3.
    case 'webp':
      return pixelBytes === 4 ? 10.5 : 8.3
    // As a whole, measured: 18.3-19.4, with 8 bits per channel.
    case 'avif':
      return pixelBytes > 4 ? 40 : 20
  }
}
