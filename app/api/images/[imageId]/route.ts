import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { describeImage } from '@/lib/images/alt-text'
import { deleteImage } from '@/lib/images/delete'
import { readImage } from '@/lib/images/read-image'

/** One picture. */
export const GET = answer(operations.readImage, (user, { params }) => readImage(user, params.imageId))

/** Its alt text. */
export const PATCH = answer(operations.describeImage, async (user, { params: { imageId }, body }) => {
  const described = await describeImage(user, imageId, body.alt)
  return described.ok ? readImage(user, imageId) : described
})

/** Gone. */
export const DELETE = answer(operations.deleteImage, (user, { params }) => deleteImage(user, params.imageId))
