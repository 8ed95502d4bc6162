import 'server-only'
import { isSilence, StoreSilent } from './finding'

/** How long the store may take over a probe, in milliseconds. */
const patienceMs = 8_000

/** What the store said to a probe. */
export interface ProbeAnswer {
  status: number
  /** S3's `<Code>`, where it gave one. */
  code: string | undefined
  headers: Headers
}

/**
 * Sends a request as a browser would, not as the SDK does: once.
 * @throws StoreSilent
 */
export async function sendProbe(url: string, request: RequestInit): Promise<ProbeAnswer> {
  let answer: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(patienceMs)
    answer = await fetch(url, { ...request, signal, redirect: 'manual', cache: 'no-store' })
    text = await answer.text()
  } catch (error) {
    throw new StoreSilent('the store does not answer', { cause: error })
  }
  const { status, headers } = answer
  if (isSilence(status)) throw new StoreSilent(`the store is not able to answer: ${status}`)
  return { status, headers, code: /<Code>(\w+)</.exec(text)?.[1] }
}
