import type { Size } from '@/lib/images/geometry'

/** What of a picture's header tells how much memory it takes to render. */
interface Weighed {
  /** Of one frame, in pixels. */
  upright: Size
  format: 'jpg' | 'png' | 'webp' | 'avif' | 'gif'
  isProgressive: boolean
  /** More than one in an animation. */
  frames: number
}

/**
 * How much memory rendering a picture takes at its worst moment, in bytes: what the admission gate weighs it by.
 *
 * Measured with sharp 0.35.5: bytes per pixel that the resident set of a process grew by at its peak, beyond the file
 * and the pixels cut out (MALLOC_ARENA_MAX=2; photos of 12, 24 and 48 megapixels; a middle quarter, made smaller):
 *
 * | JPEG 4:2:0 | upside up 1.5-2.8, on its side 4.0, progressive 4.1 (of 4:4:4: twice the coefficients) |
 * | PNG | 2.0-2.6, interlaced 3.7-4.5 |
 * | GIF, WebP, AVIF | 6.3, 8.0, 18.3 |
 *
 * Where the loader makes a JPEG or WebP smaller as it decodes it takes next to nothing, but for the progressive JPEG's
 * 3.2. A crop turned by another angle than 90° takes what its turn takes: that is not in here.
 */
export function renderingMemory({ upright, format, isProgressive, frames }: Weighed): number {
  const bytesPerPixel = (isProgressive && progressiveBytesPerPixel[format]) || plainBytesPerPixel[format]
  return upright.width * upright.height * frames * bytesPerPixel
}

/** JPEG and PNG are decoded in strips, unless a turn needs all of them; the others as a whole. */
const plainBytesPerPixel = { jpg: 3, png: 3, gif: 7, webp: 8, avif: 19 }

/** What comes from coarse to fine is there as a whole before the first strip is: of a JPEG two bytes a coefficient. */
const progressiveBytesPerPixel: Partial<typeof plainBytesPerPixel> = { jpg: 6, png: 5 }
