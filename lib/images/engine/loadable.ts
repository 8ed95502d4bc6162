import { readImageType } from '@/lib/images/file/image-type'
import { withEndMark } from '@/lib/images/file/truncation'
import { withoutAperture } from './avif-aperture'

/**
 * Returns a file that the loaders read as browsers show it. Copies the bytes only to change them. `toLoadableGif` does
 * the same for the frames of a GIF.
 */
export function toLoadable(bytes: Uint8Array): Uint8Array {
  const complete = withEndMark(bytes)
  return readImageType(complete) === 'image/avif' ? withoutAperture(complete) : complete
}
