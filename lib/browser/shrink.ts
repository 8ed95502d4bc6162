/** Size in pixels, with the orientation applied. */
export interface ImageSize {
  width: number
  height: number
}

export interface ShrinkLimits {
  maxBytes: number
  maxPixels: number
}

/** Largest canvas that every browser supports (Safari on iOS: 4096 × 4096). */
const maxCanvasPixels = 4096 * 4096

/** No visible difference, at a fraction of the bytes. */
export const encodingQuality = 0.9

/**
 * Scales an image down until its encoded file fits the limits, and never up.
 * @param encode draws the image at this size and encodes it, or returns null if it cannot
 * @returns the file's bytes, or null if the image cannot be encoded or made small enough
 */
export async function shrinkToFit(
  { width, height }: ImageSize,
  { maxBytes, maxPixels }: ShrinkLimits,
  encode: (size: ImageSize) => Promise<Blob | null>,
): Promise<Blob | null> {
  let scale = Math.min(1, Math.sqrt(Math.min(maxPixels, maxCanvasPixels) / (width * height)))
  for (let tries = 0; tries < 5; tries++) {
    const size = { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) }
    const encoded = await encode(size)
    if (!encoded || encoded.size <= maxBytes) return encoded
    // Bytes grow roughly with the area. The margin makes the next try fit.
    scale *= Math.sqrt(maxBytes / encoded.size) * 0.9
  }
  return null
}

/** Names a file after the chosen one, with the extension of its type. */
export function renameTo(type: string, name: string): string {
  const extension = type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length)
  return `${name.replace(/\.[^.]*$/, '')}.${extension}`
}
