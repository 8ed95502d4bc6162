import 'server-only'
import { z } from 'zod'
import { type ErrorCode, errorTable, type Refusal } from '@/lib/result'

/** An error answer: RFC 9457, with a stable code. */
export const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  fields: z
    .array(z.strictObject({ path: z.string(), message: z.string() }))
    .optional()
    .describe('With invalid_request: what is wrong where'),
})

export const noStore = { 'cache-control': 'no-store' }

/** A refusal as RFC 9457 says. The title is public; causes are in the log, under the request's id. */
export function problem(refusal: Refusal): Response {
  const { status, sentence } = errorTable[refusal.code]
  const body: z.infer<typeof Problem> = {
    type: 'about:blank',
    title: sentence,
    status,
    code: refusal.code,
    ...(refusal.fields && { fields: refusal.fields }),
  }
  const headers: Record<string, string> = { ...noStore, 'content-type': 'application/problem+json' }
  if (refusal.retryAfterSeconds) headers['retry-after'] = String(refusal.retryAfterSeconds)
  return Response.json(body, { status, headers })
}
