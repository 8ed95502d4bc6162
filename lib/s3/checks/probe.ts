import 'server-only'
import { isUnavailable } from '@/lib/s3/refusal'
import { StoreUnreachable } from './check-result'

const timeoutMs = 8_000

/** The store's answer to a probe. */
export interface ProbeAnswer {
  status: number
  /** S3's `<Code>`, if the body has one. */
  code: string | undefined
  headers: Headers
}

/**
 * Sends a request as a browser does: outside of the SDK, without retries.
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
  if (isUnavailable(status)) throw new StoreUnreachable(`the store is unavailable: it answered ${status}`)
  return { status, headers, code: /<Code>(\w+)</.exec(text)?.[1] }
}
