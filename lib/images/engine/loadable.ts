import { type ImageType, readImageType } from '@/lib/images/file/image-type'
import { withEndMark } from '@/lib/images/file/truncation'
import { withFirstFrame } from './apng'
import { withoutAperture } from './avif-aperture'
import { withColourProfile } from './png-colour'

/**
 * Returns a file that the loaders read as browsers show it. Copies the bytes only to change them. `toLoadableGif` does
 * the same for the frames of a GIF.
 */
export function toLoadable(bytes: Uint8Array): Uint8Array {
  const complete = withEndMark(bytes)
  const type = readImageType(complete)
  return (type && changes[type]?.(complete)) ?? complete
}

const changes: Partial<Record<ImageType, (bytes: Uint8Array) => Uint8Array>> = {
  'image/avif': withoutAperture,
  'image/png': (bytes) => withColourProfile(withFirstFrame(bytes)),
}
