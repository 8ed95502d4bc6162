import { answerAnyone } from '@/app/api/answer'
import { describeApi } from '@/app/api/openapi'
import { operations } from '@/app/api/operations'
import { ok } from '@/lib/images/errors'

/** The table of the API, for machines. */
export const GET = answerAnyone(operations.readOpenapi, async () => ok(describeApi()))
