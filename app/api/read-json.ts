import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'

/** In bytes. Larger than any valid request. */
const maxBytes = 16 * 1024

/** Parses a request's JSON body. Stops reading at the size limit. Fails with `invalid_request`. */
export async function readJson(request: Request): Promise<Result<unknown>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBytes) return refuse('invalid_request', { fields: [{ path: '', message: 'the body is too long' }] })
    chunks.push(chunk)
  }
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))))
  } catch {
    return refuse('invalid_request', { fields: [{ path: '', message: 'the body is not JSON' }] })
  }
}
