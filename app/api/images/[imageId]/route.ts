import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { eraseAfterResponse } from '@/app/schedule-cleanup'
import { deleteImage } from '@/lib/images/delete'
import { describeImage } from '@/lib/images/describe'
import { ok } from '@/lib/images/errors'
import { readImage } from '@/lib/images/read-image'

/** One image. */
export const GET = answer(operations.readImage, (user, { params }) => readImage(user, params.imageId))

/** Its alt text. */
export const PATCH = answer(operations.describeImage, (user, { params, body }) =>
  describeImage(user, params.imageId, body.alt),
)

/** Deletes it. */
export const DELETE = answer(operations.deleteImage, async (user, { params }) => {
  const deleted = await deleteImage(user, params.imageId)
  if (!deleted.ok) return deleted
  eraseAfterResponse(deleted.value)
  return ok(null)
})
