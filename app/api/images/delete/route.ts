import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { eraseAfterResponse } from '@/app/schedule-cleanup'
import { deleteImages } from '@/lib/images/delete'
import { ok } from '@/lib/images/errors'

/** Deletes many images. */
export const POST = answer(operations.deleteImages, async (user, { body }) => {
  const { deleted, failed, rest } = await deleteImages(user, body.imageIds)
  eraseAfterResponse(rest)
  return ok({ deleted, failed })
})
