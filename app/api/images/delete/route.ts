import { eraseAfterResponse } from '@/app/_shell/schedule-cleanup'
import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { deleteImages } from '@/lib/images/delete'
import { ok } from '@/lib/result'

/** Deletes up to 100 images. */
export const POST = defineRoute(operations.deleteImages, async (user, { body }) => {
  const { deleted, failed, toErase } = await deleteImages(user, body.imageIds)
  eraseAfterResponse(toErase)
  return ok({ deleted, failed })
})
