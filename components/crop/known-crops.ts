import type { CropAnswer, CropRequest } from '@/lib/images/schema'
import { isSameRecipe } from './crop-geometry'

interface KnownCrop {
  request: CropRequest
  crop: CropAnswer
}

/** A tab remembers this many crops. Their URLs expire anyway. */
const maxKnown = 20

let known: readonly KnownCrop[] = []

/** Remembers a crop in this tab, so that Back shows its preview at once. */
export function rememberCrop(request: CropRequest, crop: CropAnswer): void {
  known = [{ request, crop }, ...known].slice(0, maxKnown)
}

/** Forgets a crop that the store no longer has. */
export function forgetCrop(cropId: string): void {
  known = known.filter(({ crop }) => crop.cropId !== cropId)
}

/** Returns a remembered crop by its upload and id, or null. */
export function knownCrop(uploadId: string, cropId: string): CropAnswer | null {
  return known.find(({ request, crop }) => request.uploadId === uploadId && crop.cropId === cropId)?.crop ?? null
}

/** Returns the remembered result of the same request, or null. */
export function sameCrop(request: CropRequest): CropAnswer | null {
  const { uploadId, etag } = request
  const same = known.find((one) => {
    return one.request.uploadId === uploadId && one.request.etag === etag && isSameRecipe(one.request, request)
  })
  return same?.crop ?? null
}
