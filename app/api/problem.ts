import 'server-only'
import { z } from 'zod'
import { type ErrorCode, errorTable, type Refusal } from '@/lib/result'

/** The body of an error response: RFC 9457 with a stable `code`. */
export const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  fields: z
    .array(z.strictObject({ path: z.string(), message: z.string() }))
    .optional()
    .describe('Invalid input fields, with `invalid_request`'),
})

export const noStore = { 'cache-control': 'no-store' }

/** Creates the RFC 9457 response of a failure. The title is public; the log has the cause under the request id. */
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
