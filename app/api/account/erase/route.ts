import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { eraseAll } from '@/lib/images/erase-all'
import { ok } from '@/lib/result'
import { forgetEpoch } from '@/lib/session/epoch'

/** Erases everything that a person has stored, step by step. */
export const POST = defineRoute(operations.eraseAccount, async (user) => {
  const step = await eraseAll(user)
  if (step.done) forgetEpoch(user.uid)
  return ok(step)
})
