import { eraseAfterResponse } from '@/app/_shell/schedule-cleanup'
import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { deleteImage } from '@/lib/images/delete'
import { describeImage } from '@/lib/images/describe'
import { readImage } from '@/lib/images/gallery'
import { ok } from '@/lib/result'

/** Returns one image. */
export const GET = defineRoute(operations.readImage, (user, { params }) => readImage(user, params.imageId))

/** Sets the alt text. */
export const PATCH = defineRoute(operations.describeImage, (user, { params, body }) =>
  describeImage(user, params.imageId, body.alt),
)

/** Deletes one image. */
export const DELETE = defineRoute(operations.deleteImage, async (user, { params }) => {
  const deleted = await deleteImage(user, params.imageId)
  if (!deleted.ok) return deleted
  eraseAfterResponse(deleted.value)
  return ok(null)
})
