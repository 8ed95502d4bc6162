import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { cropUpload } from '@/lib/images/crop'

/** Step 2: crops an upload. Idempotent on every host. */
export const POST = defineRoute(operations.crop, (user, { body }, signal) => cropUpload(user, body, signal))
