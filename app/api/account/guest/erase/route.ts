import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { eraseAll } from '@/lib/images/erase-all'
import { ok, refuse } from '@/lib/result'
import { earlierGuest, forgetGuest } from '@/lib/session/guest'

/** Erases everything of the browser's earlier guest, step by step, and then forgets the guest. */
export const POST = defineRoute(operations.eraseGuest, async () => {
  const guest = await earlierGuest()
  if (!guest) return refuse('not_found')
  const step = await eraseAll(guest)
  if (step.done) await forgetGuest()
  return ok(step)
})
