import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Choices } from './choices'
import type { Tally } from './tally'

/** How long one step may take with all its tries, in milliseconds, before the flow counts as stuck. */
export const stuckAfterMs = 150_000
const longestWaitMs = 5_000

/** An answer, read to its end. */
interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A request of a client. */
export interface Ask {
  method: string
  url: URL
  headers?: Record<string, string>
  body?: Buffer | string | undefined
}

/** A step's last answer, and how many of its tries had none. */
export interface Outcome {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  lost: number
}

/** A flow cannot continue: a step had no good answer within `stuckAfterMs`, or one that a retry does not change. */
export class Stuck extends Error {}

/** Keeps connections open, as browsers do. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Sends a request once. Rejects if the connection fails or no whole answer comes within `timeoutMs`. */
export function askOnce({ method, url, headers, body }: Ask, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asked = request({
      host: '127.0.0.1',
      port: url.port,
      method,
      path: url.pathname + url.search,
      agent,
      headers: { ...headers, ...length, host: url.host },
      // Of the whole exchange: an answer whose end never comes is none.
      signal: AbortSignal.timeout(timeoutMs),
    })
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        if (!response.complete) return reject(Object.assign(new Error('the answer broke off'), { code: 'ECUT' }))
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/**
 * Retries a request until the answer is not a temporary failure, as a patient client does: with backoff, jitter and
 * Retry-After. Some clients wait long for an answer and some retry soon, so that the first try is still running, on a
 * frozen host, when the next one is done. Throws Stuck if it takes too long.
 */
export async function askPatiently(name: string, ask: Ask, choices: Choices, tally: Tally): Promise<Outcome> {
  const beganAt = performance.now()
  let lost = 0
  for (let attempt = 0; ; attempt += 1) {
    const answer = await askOnce(ask, choices.whole(3_000, 15_000)).catch((error: NodeJS.ErrnoException) => error)
    const trouble = troubleOf(answer)
    if (!trouble) {
      tally.step(name, performance.now() - beganAt)
      return { ...(answer as Answer), lost }
    }
    if (trouble.isLost) lost += 1
    tally.retry(trouble.why)
    const asked = answer instanceof Error ? 0 : Number(answer.headers['retry-after'] ?? 0) * 1000
    const waitMs = Math.min(asked || 200 * 2 ** attempt, longestWaitMs) * choices.between(1, 1.5)
    if (performance.now() - beganAt + waitMs > stuckAfterMs) {
      throw new Stuck(`${name} was tried ${attempt + 1} times in ${stuckAfterMs / 1000} s, at last: ${trouble.why}`)
    }
    await sleep(waitMs)
  }
}

/** Why a try must be repeated, and whether it may have run or still be running; null: it was answered. */
function troubleOf(answer: Answer | NodeJS.ErrnoException): { why: string; isLost: boolean } | null {
  if (answer instanceof Error) {
    // Node's codes for a request that cannot be sent.
    if (String(answer.code).startsWith('ERR_')) throw answer
    const why =
      answer.name === 'AbortError' || answer.name === 'TimeoutError' ? 'no answer' : (answer.code ?? answer.message)
    return { why, isLost: why !== 'ECONNREFUSED' }
  }
  // `busy`, or a balancer without hosts: nothing has started.
  if (answer.status === 503) return { why: '503', isLost: false }
  return answer.status >= 500 ? { why: String(answer.status), isLost: true } : null
}
