import type { Header } from './header'

/**
 * Estimates the peak memory of rendering a picture, in bytes. The limiter reserves this much.
 *
 * Measured with sharp 0.35.5: growth of a process's peak resident set in bytes per pixel, without the file and the
 * extracted pixels (MALLOC_ARENA_MAX=2; photos of 12, 24 and 48 megapixels; their middle quarter, shrunk):
 *
 * | JPEG 4:2:0 | upright 1.5-2.8, turned by 90° 4.0, progressive 4.1 (4:4:4: twice the coefficients) |
 * | PNG | 2.0-2.6, interlaced 3.7-4.5 |
 * | GIF, WebP, AVIF | 6.3, 8.0, 18.3 |
 *
 * A JPEG or WebP that the loader shrinks takes next to nothing, except 3.2 for a progressive JPEG. Rotating a crop by
 * an angle other than a right one takes additional memory, which this estimate does not include.
 */
export function renderingMemory({
  stored,
  format,
  isProgressive,
  loadedFrames,
}: Pick<Header, 'stored' | 'format' | 'isProgressive' | 'loadedFrames'>): number {
  const bytesPerPixel = (isProgressive && progressiveBytesPerPixel[format]) || baselineBytesPerPixel[format]
  return stored.width * stored.height * loadedFrames * bytesPerPixel
}

/** JPEG and PNG are decoded in strips unless a turn needs all rows; the other formats are decoded as a whole. */
const baselineBytesPerPixel = { jpg: 3, png: 3, gif: 7, webp: 8, avif: 19 }

/** A progressive file is in memory as a whole before its first strip: two bytes per coefficient of a JPEG. */
const progressiveBytesPerPixel: Partial<typeof baselineBytesPerPixel> = { jpg: 6, png: 5 }
