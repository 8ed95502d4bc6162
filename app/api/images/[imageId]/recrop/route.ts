import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { recropImage } from '@/lib/images/recrop'

/** Creates a new upload from the kept original. */
export const POST = defineRoute(operations.recropImage, (user, { params }) => recropImage(user, params.imageId))
