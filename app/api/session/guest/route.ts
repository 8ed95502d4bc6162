import { answerAnyone } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { ok } from '@/lib/images/errors'
import { writeSession } from '@/lib/session/cookie'
import { createGuest } from '@/lib/session/guest'

/** Signs in as a new guest. */
export const POST = answerAnyone(operations.createGuest, async () => {
  await writeSession(createGuest())
  return ok(null)
})
