import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorCode, StoreError } from './errors'
import { errorDocument, leaf } from './xml'

/** How much of a refused upload is read on, so that the sender comes to read the answer. */
const maxDrainedBytes = 256 * 1024 ** 2

export function sendXml(response: ServerResponse, status: number, xml: string): void {
  const body = Buffer.from(xml, 'utf8')
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length })
  response.end(body)
}

export function sendEmpty(response: ServerResponse, status: number): void {
  // Bodiless by definition: RFC 9110, sections 15.3.5 and 15.4.5.
  if (status !== 204 && status !== 304) response.setHeader('content-length', 0)
  response.writeHead(status)
  response.end()
}

/** Answers with an error as S3 writes it. `HEAD` gets the status alone. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: StoreError): void {
  if (error.code === 'InvalidRange') response.setHeader('content-range', `bytes */${error.details.ActualObjectSize}`)
  if (request.method === 'HEAD') sendEmpty(response, error.status)
  else sendXml(response, error.status, errorMarkup(error, String(response.getHeader('x-amz-request-id'))))
}

/** Answers what is not even HTTP, where there is a socket but no request. */
export function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
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
 * Reads away what is left of a request. Closing at once would reset the connection, and a browser that is still
 * sending would report a network error instead of the refusal.
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
