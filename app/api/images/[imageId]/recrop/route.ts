import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { recropImage } from '@/lib/images/recrop'

/** Crop again. */
export const POST = answer(operations.recropImage, (user, { params }) => recropImage(user, params.imageId))
