import 'server-only'
import { isUnavailable, StoreUnreachable } from './check-result'

/** How long the store may take over a probe, in milliseconds. */
const timeoutMs = 8_000

/** What the store said to a probe. */
export interface ProbeAnswer {
  status: number
  /** S3's `<Code>`, where it gave one. */
  code: string | undefined
  headers: Headers
}

/**
 * Sends a request as a browser would, not as the SDK does: once.
 * @throws StoreUnreachable
 */
export async function sendProbe(url: string, request: RequestInit): Promise<ProbeAnswer> {
  let answer: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    answer = await fetch(url, { ...request, signal, redirect: 'manual', cache: 'no-store' })
    text = await answer.text()
  } catch (error) {
    throw new StoreUnreachable('the store does not answer', { cause: error })
  }
  const { status, headers } = answer
  if (isUnavailable(status)) throw new StoreUnreachable(`the store is not able to answer: ${status}`)
  return { status, headers, code: /<Code>(\w+)</.exec(text)?.[1] }
}
