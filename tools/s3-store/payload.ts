import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { decodeAwsChunked } from './aws-chunked'
import { ChecksumSet, type DeclaredChecksums, readDeclaredChecksums, requireKnownChecksum } from './checksums'
import { StoreError } from './errors'

/** The largest object that one PUT or POST may create. */
export const maxObjectBytes = 5 * 1024 ** 3
const maxDocumentBytes = 8 * 1024 ** 2

/** A verified request body: reading it to the end throws if a hash or the length is wrong. */
export type Payload = {
  chunks: AsyncIterable<Buffer>
  /** The declared checksums. Those of a trailer are added when `chunks` has ended. */
  checksums: DeclaredChecksums
}

/** Opens the body of an authenticated request. `payloadHash` is the payload hash of its signature. */
export function openPayload(request: IncomingMessage, payloadHash: string): Payload {
  const { headers } = request
  const checksums = readDeclaredChecksums(headers)
  const trailer = headers['x-amz-trailer']
  requireNamedChecksum(headers['x-amz-sdk-checksum-algorithm'], checksums, trailer)
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return openChunkedPayload(request, checksums, trailer)
  if (payloadHash.startsWith('STREAMING-')) throw new StoreError('NotImplemented', undefined, { Header: payloadHash })
  if (payloadHash !== 'UNSIGNED-PAYLOAD' && !/^[0-9a-f]{64}$/.test(payloadHash)) {
    throw new StoreError('InvalidArgument', 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.')
  }
  const length = readLength(headers['content-length'])
  const signedHash = payloadHash === 'UNSIGNED-PAYLOAD' ? undefined : payloadHash
  return { checksums, chunks: verify(readRequest(request), length, checksums, Object.keys(checksums), signedHash) }
}

function openChunkedPayload(
  request: IncomingMessage,
  checksums: DeclaredChecksums,
  trailer: string | string[] | undefined,
): Payload {
  const length = readLength(request.headers['x-amz-decoded-content-length'])
  const announced = typeof trailer === 'string' ? [trailer.toLowerCase()] : []
  for (const name of announced) requireKnownChecksum(name)
  const decoded = decodeAwsChunked(readRequest(request), (name, value) => {
    if (!announced.includes(name)) throw new StoreError('MalformedTrailerError')
    Object.assign(checksums, readDeclaredChecksums({ [name]: value }))
  })
  return { checksums, chunks: verify(decoded, length, checksums, [...Object.keys(checksums), ...announced]) }
}

async function* verify(
  source: AsyncIterable<Buffer>,
  length: number,
  declared: DeclaredChecksums,
  names: string[],
  signedHash?: string,
): AsyncGenerator<Buffer> {
  const sums = new ChecksumSet(names)
  const sha256 = createHash('sha256')
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > length) break
    sums.update(chunk)
    if (signedHash) sha256.update(chunk)
    yield chunk
  }
  if (bytes !== length) throw new StoreError('IncompleteBody')
  const actualHash = sha256.digest('hex')
  if (signedHash && actualHash !== signedHash) {
    throw new StoreError('XAmzContentSHA256Mismatch', undefined, {
      ClientComputedContentSHA256: signedHash,
      S3ComputedContentSHA256: actualHash,
    })
  }
  sums.requireMatch(declared)
}

/** Reads an XML body. S3 requires a checksum for operations with such a body. */
export async function readDocument(request: IncomingMessage, payloadHash: string): Promise<Buffer> {
  const payload = openPayload(request, payloadHash)
  if (Object.keys(payload.checksums).length === 0 && request.headers['x-amz-trailer'] === undefined) {
    throw new StoreError('InvalidRequest', 'Missing required header for this request: Content-MD5 or x-amz-checksum-*')
  }
  return collect(payload)
}

/** Reads an XML body that may be missing and needs no checksum. */
export async function readOptionalDocument(request: IncomingMessage, payloadHash: string): Promise<Buffer> {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return Buffer.alloc(0)
  return collect(openPayload(request, payloadHash))
}

async function collect(payload: Payload): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of payload.chunks) {
    bytes += chunk.length
    if (bytes > maxDocumentBytes) throw new StoreError('EntityTooLarge')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Yields the raw body. Leaving the loop early keeps the connection open, so that the client can read the error. */
async function* readRequest(request: IncomingMessage): AsyncGenerator<Buffer> {
  yield* request.iterator({ destroyOnReturn: false })
}

function readLength(header: string | string[] | undefined): number {
  if (typeof header !== 'string') throw new StoreError('MissingContentLength')
  if (!/^\d{1,15}$/.test(header)) throw new StoreError('InvalidArgument')
  const length = Number(header)
  if (length > maxObjectBytes) {
    throw new StoreError('EntityTooLarge', undefined, { ProposedSize: length, MaxSizeAllowed: maxObjectBytes })
  }
  return length
}

/** @throws StoreError if the request names a checksum algorithm but contains no such checksum */
function requireNamedChecksum(
  algorithm: string | string[] | undefined,
  declared: DeclaredChecksums,
  trailer: string | string[] | undefined,
): void {
  if (algorithm === undefined) return
  const name = `x-amz-checksum-${String(algorithm).toLowerCase()}`
  if (declared[name] === undefined && trailer !== name) {
    throw new StoreError(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
}
