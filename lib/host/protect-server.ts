import 'server-only'
import { subscribe } from 'node:diagnostics_channel'
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Env } from '@/lib/env'
import type { ErrorCode } from '@/lib/result'
import { onHttpServer } from './http-server'
import { rejectRequest } from './reject-request'
import { requestIdOf, responseHeaders } from './response-headers'

type Settings = Pick<Env, 'appOrigin' | 'hostName' | 'isHttps'>

/**
 * Gives every response of this process's HTTP server the security headers and ids, also those that Next or Node send
 * before `proxy.ts` runs: redirects, errors, requests that do not parse. Rejects what Next answers with a 500.
 * @param onRejection gets the code and the request id of each rejection
 */
export function protectServer(settings: Settings, onRejection: (code: ErrorCode, requestId: string) => void): void {
  // Next replaces these headers where it has its own.
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const requestId = requestIdOf(request.headers['x-request-id'] as string | undefined)
    request.headers['x-request-id'] = requestId
    for (const [name, value] of Object.entries(responseHeaders(settings, requestId))) response.setHeader(name, value)
  })
  onHttpServer((server) => {
    rejectBefore(server, settings, onRejection)
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      answerClientError(settings, error, socket),
    )
  })
}

/** Puts the rejections before the server's own request listeners. */
function rejectBefore(
  server: Server,
  { appOrigin }: Settings,
  onRejection: (code: ErrorCode, requestId: string) => void,
): void {
  const listeners = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on(
    'request',
    (request: IncomingMessage, response: ServerResponse<IncomingMessage> & { req: IncomingMessage }) => {
      const { method, url, headers } = request
      const rejection = rejectRequest(
        { method, url, origin: headers.origin, action: headers['next-action'], length: headers['content-length'] },
        appOrigin,
      )
      if (rejection) {
        onRejection(rejection.code, headers['x-request-id'] as string)
        // The rest of a body is not read.
        response.writeHead(rejection.status, { ...rejection.headers, connection: 'close' }).end(rejection.body)
        return
      }
      withoutConditions(headers)
      // Next compares the Origin of a server action with this header, which differs behind some balancers.
      headers['x-forwarded-host'] = new URL(appOrigin).host
      for (const listener of listeners) listener.call(server, request, response)
    },
  )
}

/** Removes conditions and ranges of static files, which Next answers with a 500 where HTTP has 412 and 416. */
function withoutConditions(headers: IncomingMessage['headers']): void {
  for (const name of ['range', 'if-range', 'if-match', 'if-unmodified-since']) delete headers[name]
}

const statusOfError: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

/** Answers a request that Node cannot parse, as Node itself does, with our headers. */
function answerClientError(settings: Settings, error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: running } = socket as { _httpMessage?: ServerResponse | null }
  if (socket.writable && !running?.headersSent) {
    const status = statusOfError[error.code ?? ''] ?? 400
    const headers = { connection: 'close', 'content-length': '0', ...responseHeaders(settings, requestIdOf(null)) }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`)
  }
  socket.destroy(error)
}
