import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { signOutEverywhere } from '@/lib/session/sign-out'

/** Signs out in all browsers. */
export const DELETE = defineRoute(operations.endAllSessions, signOutEverywhere)
