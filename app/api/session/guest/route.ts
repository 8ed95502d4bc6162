import { definePublicRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { ensureGuest } from '@/lib/session/guest'

/** Signs in as a new guest, unless there is a session already. */
export const POST = definePublicRoute(operations.createGuest, ensureGuest)
