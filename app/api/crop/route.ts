import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { cropUpload } from '@/lib/images/crop'

/** Step 2. Any host, any number of times. */
export const POST = defineRoute(operations.crop, (user, { body }, signal) => cropUpload(user, body, signal))
