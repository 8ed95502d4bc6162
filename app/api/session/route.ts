import { definePublicRoute, defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { env } from '@/lib/env'
import { ok } from '@/lib/result'
import { clearSession } from '@/lib/session/cookie'

/** Returns the signed-in person. */
export const GET = defineRoute(operations.readSession, async ({ uid, name }) =>
  ok({ user: { id: uid, name }, authMode: env().authMode }),
)

/** Signs out in this browser. */
export const DELETE = definePublicRoute(operations.endSession, async () => {
  await clearSession()
  return ok(null)
})
