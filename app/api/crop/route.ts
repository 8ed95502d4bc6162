import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { cropUpload } from '@/lib/images/crop'

/** Step 2. Any host, any number of times. */
export const POST = answer(operations.crop, (user, { body }, signal) => cropUpload(user, body, signal))
