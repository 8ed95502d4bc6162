import { definePublicRoute, defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { env } from '@/lib/env'
import { ok } from '@/lib/result'
import { signOut } from '@/lib/session/sign-out'

/** Returns the signed-in person. */
export const GET = defineRoute(operations.readSession, async ({ uid, name }) =>
  ok({ user: { id: uid, name }, authMode: env().authMode }),
)

/** Signs out in this browser. */
export const DELETE = definePublicRoute(operations.endSession, async () => ok({ next: await signOut() }))
