import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { startUpload } from '@/lib/images/upload'

/** Step 1. */
export const POST = answer(operations.startUpload, (user, { body }) => startUpload(user, body))
