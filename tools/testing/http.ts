import { Agent, type IncomingHttpHeaders, request as openRequest } from 'node:http'
import { performance } from 'node:perf_hooks'

/** A request to a server on this machine. */
export interface HttpRequest {
  method: string
  /** Connects to 127.0.0.1 and the port of the URL. The `Host` header has the name of the URL. */
  url: string | URL
  headers?: Record<string, string>
  body?: Buffer | string | undefined
}

/** A response that was read to its end. */
export interface HttpResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** When the body began and ended, by `performance.now()`. */
  firstByteAt: number
  endedAt: number
}

/** Keeps connections open, as browsers do. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/**
 * Sends one request, without retries, and resolves with the response, whatever its status.
 * @param timeoutMs of the whole exchange
 * @throws Error with `code`: ETIMEDOUT, or Node's code if the connection fails or the response is incomplete
 */
export function sendRequest({ method, url, headers, body }: HttpRequest, timeoutMs = 300_000): Promise<HttpResponse> {
  const { host, port, pathname, search } = new URL(url)
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const message = `${method} ${host}${pathname}: no response within ${timeoutMs / 1000} s`
      reject(signal.aborted ? Object.assign(new Error(message, { cause: error }), { code: 'ETIMEDOUT' }) : error)
    }
    const request = openRequest({
      host: '127.0.0.1',
      port,
      method,
      path: pathname + search,
      agent,
      headers: { ...headers, ...length, host },
      signal,
    })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let firstByteAt: number | undefined
      response.on('data', (chunk: Buffer) => {
        firstByteAt ??= performance.now()
        chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('end', () => {
        const endedAt = performance.now()
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: Buffer.concat(chunks), firstByteAt: firstByteAt ?? endedAt, endedAt })
      })
    })
    request.on('error', fail)
    request.end(body)
  })
}

/** Parses a JSON body. Returns null for an empty one. */
export function readJson<T>({ body }: Pick<HttpResponse, 'body'>): T {
  return JSON.parse(body.toString() || 'null')
}

/** Returns a response if it has the expected status. @throws Error with the start of its body */
export function expectStatus<Response extends Pick<HttpResponse, 'status' | 'body'>>(
  expected: number,
  response: Response,
  what: string,
): Response {
  if (response.status === expected) return response
  const body = response.body.toString('utf8', 0, 500)
  throw new Error(`${what}: expected status ${expected}, got ${response.status}: ${body}`)
}
