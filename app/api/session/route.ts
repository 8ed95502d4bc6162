import { answer, answerAnyone } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { env } from '@/lib/env'
import { ok } from '@/lib/images/errors'
import { clearSession } from '@/lib/session/cookie'

/** Who am I. */
export const GET = answer(operations.readSession, async ({ uid, name }) =>
  ok({ user: { id: uid, name }, authMode: env().authMode }),
)

/** Signs out in this browser. */
export const DELETE = answerAnyone(operations.endSession, async () => {
  await clearSession()
  return ok(null)
})
