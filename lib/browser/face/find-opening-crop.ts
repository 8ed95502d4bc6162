import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { findFaces } from './find-faces'
import { openingCrop } from './opening-crop'

/**
 * Finds the crop around the faces of a picture. The page loads this code when it needs it.
 * @returns null without a face, or if faces cannot be found here
 */
export async function findOpeningCrop(
  picture: Blob | string,
  shown: Size,
  { aspect, sharpWidth }: { aspect: number; sharpWidth: number },
  signal: AbortSignal,
): Promise<Recipe | null> {
  const faces = await findFaces(picture, shown, signal)
  return faces && openingCrop(faces, shown, aspect, sharpWidth)
}
