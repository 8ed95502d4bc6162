import { definePublicRoute } from '@/app/api/define-route'
import { describeApi } from '@/app/api/openapi'
import { operations } from '@/app/api/operations'
import { ok } from '@/lib/result'

/** The table of the API, for machines. */
export const GET = definePublicRoute(operations.readOpenapi, async () => ok(describeApi()))
