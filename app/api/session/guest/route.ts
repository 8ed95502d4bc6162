import { definePublicRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { ok } from '@/lib/result'
import { writeSession } from '@/lib/session/cookie'
import { createGuest } from '@/lib/session/guest'

/** Signs in as a new guest. */
export const POST = definePublicRoute(operations.createGuest, async () => {
  await writeSession(createGuest())
  return ok(null)
})
