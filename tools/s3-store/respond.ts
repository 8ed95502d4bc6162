import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorCode, StoreError } from './errors'
import { errorDocument, leaf } from './xml'

/** How much of a rejected upload is read, so that the client reaches the point where it reads the response. */
const maxDrainedBytes = 256 * 1024 ** 2

export function sendXml(response: ServerResponse, status: number, xml: string): void {
  const body = Buffer.from(xml, 'utf8')
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length })
  response.end(body)
}

export function sendEmpty(response: ServerResponse, status: number): void {
  // These two never have a body: RFC 9110, sections 15.3.5 and 15.4.5.
  if (status !== 204 && status !== 304) response.setHeader('content-length', 0)
  response.writeHead(status)
  response.end()
}

/** Responds with an error in the format of S3. `HEAD` gets only the status. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: StoreError): void {
  if (error.code === 'InvalidRange') response.setHeader('content-range', `bytes */${error.details.ActualObjectSize}`)
  if (request.method === 'HEAD') sendEmpty(response, error.status)
  else sendXml(response, error.status, errorMarkup(error, String(response.getHeader('x-amz-request-id'))))
}

/** Responds to bytes that are not valid HTTP, for which there is a socket but no request. */
export function rejectMalformedRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const codes: Record<string, ErrorCode> = {
    HPE_HEADER_OVERFLOW: 'RequestHeaderSectionTooLarge',
    ERR_HTTP_REQUEST_TIMEOUT: 'RequestTimeout',
  }
  const xml = errorMarkup(new StoreError(codes[error.code ?? ''] ?? 'BadRequest'), '')
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/xml',
    `Content-Length: ${Buffer.byteLength(xml)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\nConnection: close\r\n\r\n${xml}`)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses */
function errorMarkup(error: StoreError, requestId: string): string {
  return errorDocument([
    leaf('Code', error.code),
    leaf('Message', error.message),
    ...Object.entries(error.details).map(([name, value]) => leaf(name, value)),
    leaf('RequestId', requestId),
    leaf('HostId', 'development'),
  ])
}

/**
 * Reads and discards the rest of a request. If the server closed the connection, a browser that is still sending would
 * report a network error instead of the response.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  let drained = 0
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length
    if (drained > maxDrainedBytes) request.destroy()
  })
  request.resume()
}
