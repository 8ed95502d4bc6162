import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Buckets } from './buckets'
import { StoreError } from './errors'
import { listenOnLoopback } from './loopback'
import { drain, sendError } from './respond'
import { route } from './router'
import type { Account } from './signature'
import { parseTarget } from './target'

export type StoreOptions = Account & {
  /** Where everything is kept. One store at a time may use it. */
  directory: string
  /** 0 takes any free port. */
  port: number
  now?: () => Date
  /** How long a "day" of a lifecycle rule lasts; 86,400 unless a test is in a hurry. */
  lifecycleDaySeconds?: number
  /** Gets a line about each fault of the store itself; refusals are not faults. */
  log?: (line: string) => void
}

export type RunningStore = { endpoint: string; port: number; close(): Promise<void> }

/**
 * Starts an S3-compatible store for development and tests, on the loopback interface only, path style only.
 * It is as strict as S3 about signatures, policies and conditions. It has one account, which may do everything.
 */
export async function startStore(options: StoreOptions): Promise<RunningStore> {
  const { directory, now = () => new Date(), log = () => undefined } = options
  const { region, accessKeyId, secretAccessKey } = options
  const account = { region, accessKeyId, secretAccessKey }
  const dayMs = (options.lifecycleDaySeconds ?? 86_400) * 1000
  let buckets: Buckets | undefined
  // Listening comes first: of two stores started by mistake, the second must not touch the directory of the first.
  const server = await listenOnLoopback(options.port, async (request, response) => {
    setCommonHeaders(response, now())
    try {
      if (!buckets) throw new StoreError('ServiceUnavailable')
      await route({ request, response, target: parseTarget(request.url ?? ''), buckets, account, now })
    } catch (error) {
      answerFailure(request, response, error, log)
    }
    drain(request)
  })
  try {
    buckets = new Buckets(directory, { nowMs: () => now().getTime(), dayMs })
  } catch (error) {
    await server.close()
    throw error
  }
  const stopSweeping = sweepNowAndThen(buckets, dayMs, log)
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    port: server.port,
    close: async () => {
      stopSweeping()
      await server.close()
    },
  }
}

/** Clients correct their clocks by `Date`, so it is the store's, not the machine's. */
function setCommonHeaders(response: ServerResponse, date: Date): void {
  response.sendDate = false
  response.setHeader('date', date.toUTCString())
  response.setHeader('server', 'DevelopmentStore')
  response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase())
}

function answerFailure(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: (line: string) => void,
): void {
  const clientIsGone = response.destroyed || (request.destroyed && !request.complete)
  if (!(error instanceof StoreError) && !clientIsGone) {
    log(`${request.method} ${request.url?.split('?')[0]}: ${error instanceof Error ? error.stack : String(error)}`)
  }
  if (clientIsGone || response.headersSent) {
    response.destroy()
    return
  }
  sendError(request, response, error instanceof StoreError ? error : new StoreError('InternalError'))
}

/** Clears expired objects off the disk, about ten times a "day" but at most once a second. Never keeps Node alive. */
function sweepNowAndThen(buckets: Buckets, dayMs: number, log: (line: string) => void): () => void {
  const timer = setInterval(
    async () => {
      try {
        for (const bucket of buckets.list()) await bucket.sweep()
      } catch (error) {
        log(`Sweeping expired objects failed: ${error instanceof Error ? error.stack : String(error)}`)
      }
    },
    Math.min(Math.max(dayMs / 10, 1000), 60_000),
  )
  timer.unref()
  return () => clearInterval(timer)
}
