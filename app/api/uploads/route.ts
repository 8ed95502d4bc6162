import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { startUpload } from '@/lib/images/upload'

/** Step 1: issues an upload. */
export const POST = defineRoute(operations.startUpload, (user, { body }) => startUpload(user, body))
