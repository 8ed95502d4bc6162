import { callAction } from '@/components/call-action'
import { api } from '@/lib/browser/api-client'
import { attempt, type Failure } from '@/lib/browser/attempt'
import { type CropOptions, requestCrop } from '@/lib/browser/request-crop'
import type { CropAnswer, CropRequest, SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'

type Sent<T> = Promise<{ ok: true; value: T } | Failure>

/** Requests a crop from any host. @returns also if the signal is aborted */
export function sendCrop(request: CropRequest, options: CropOptions): Sent<CropAnswer> {
  return attempt(() => requestCrop(request, options))
}

/** Saves a crop. */
export function sendSave(
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>,
  request: SaveRequest,
): Sent<SavedImage> {
  return callAction(saveImage, api.saveImage, request)
}
