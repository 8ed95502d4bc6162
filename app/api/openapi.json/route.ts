import { definePublicRoute } from '@/app/api/define-route'
import { describeApi } from '@/app/api/openapi'
import { operations } from '@/app/api/operations'
import { ok } from '@/lib/result'

/** Returns the OpenAPI document of the API. */
export const GET = definePublicRoute(operations.readOpenapi, async () => ok(describeApi()))
