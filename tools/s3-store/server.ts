import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Buckets } from './buckets'
import { StoreError } from './errors'
import { listenOn, listenOnLoopback } from './listen'
import { drain, sendError } from './respond'
import { route } from './router'
import type { Account } from './signature'
import { parseTarget } from './target'

export type StoreOptions = Account & {
  /** The folder of all buckets. Only one store may use it at a time. */
  directory: string
  /** 0 uses any free port. */
  port: number
  /** The address to listen on. Default: the loopback addresses, so that only this machine can reach the store. */
  address?: string
  now?: () => Date
  /** The length of a "day" of lifecycle rules in seconds. Default: 86,400. */
  lifecycleDaySeconds?: number
  /** Receives a line for each fault of the store itself. Rejected requests are not faults. */
  log?: (line: string) => void
}

export type RunningStore = { endpoint: string; port: number; close(): Promise<void> }

/**
 * Starts an S3-compatible store for development and tests, path style only. It is as strict as S3 about signatures,
 * policies and conditions. It has one account with all permissions.
 * @throws Error if the port is taken
 */
export async function startStore(options: StoreOptions): Promise<RunningStore> {
  const { directory, now = () => new Date(), log = () => undefined } = options
  const { region, accessKeyId, secretAccessKey } = options
  const account = { region, accessKeyId, secretAccessKey }
  const dayMs = (options.lifecycleDaySeconds ?? 86_400) * 1000
  let buckets: Buckets | undefined
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    setCommonHeaders(response, now())
    try {
      if (!buckets) throw new StoreError('ServiceUnavailable')
      await route({ request, response, target: parseTarget(request.url ?? ''), buckets, account, now })
    } catch (error) {
      answerFailure(request, response, error, log)
    }
    drain(request)
  }
  // Listen first: if a second store is started by mistake, it must not touch the directory of the first.
  const { port, address } = options
  const server = await (address ? listenOn(address, port, onRequest) : listenOnLoopback(port, onRequest))
  try {
    buckets = new Buckets(directory, { nowMs: () => now().getTime(), dayMs })
  } catch (error) {
    await server.close()
    throw error
  }
  const stopSweeping = sweepRegularly(buckets, dayMs, log)
  return {
    endpoint: `http://${address ?? '127.0.0.1'}:${server.port}`,
    port: server.port,
    close: async () => {
      stopSweeping()
      await server.close()
    },
  }
}

/** Sets the headers of every response. `Date` is the time of `now`, because clients correct their clocks with it. */
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
  const isClientGone = response.destroyed || (request.destroyed && !request.complete)
  if (!(error instanceof StoreError) && !isClientGone) {
    log(`${request.method} ${request.url?.split('?')[0]}: ${error instanceof Error ? error.stack : String(error)}`)
  }
  if (isClientGone || response.headersSent) {
    response.destroy()
    return
  }
  sendError(request, response, error instanceof StoreError ? error : new StoreError('InternalError'))
}

/**
 * Deletes expired objects from disk ten times a "day", but not more than once a second and at least once a minute. Does
 * not keep the process alive. @returns a function that stops it
 */
function sweepRegularly(buckets: Buckets, dayMs: number, log: (line: string) => void): () => void {
  const timer = setInterval(
    async () => {
      try {
        for (const bucket of buckets.list()) await bucket.sweep()
      } catch (error) {
        log(`Could not delete expired objects: ${error instanceof Error ? error.stack : String(error)}`)
      }
    },
    Math.min(Math.max(dayMs / 10, 1000), 60_000),
  )
  timer.unref()
  return () => clearInterval(timer)
}
