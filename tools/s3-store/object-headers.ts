import type { IncomingHttpHeaders } from 'node:http'
import { StoreError } from './errors'
import type { Query } from './target'

const systemHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]
const maxUserMetadataBytes = 2048

/** Rejected instead of ignored, because a client that sends one of these headers relies on it. */
const unsupported = [
  /^x-amz-server-side-encryption/,
  /^x-amz-object-lock-/,
  /^x-amz-grant-/,
  /^x-amz-tagging/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-write-offset-bytes$/,
  /^x-amz-bucket-object-lock-enabled$/,
]

/** Reads the headers to store with an object, from the headers of a PUT or the fields of a form (lower-case names). */
export function readObjectHeaders(given: IncomingHttpHeaders): Record<string, string> {
  const stored: Record<string, string> = {}
  let userBytes = 0
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') continue
    const isUserMetadata = name.startsWith('x-amz-meta-')
    if (!isUserMetadata && !systemHeaders.includes(name)) continue
    if (isUserMetadata) userBytes += name.length - 'x-amz-meta-'.length + value.length
    const text = name === 'content-encoding' ? withoutAwsChunked(value) : value
    if (text !== '' || isUserMetadata) stored[name] = requireHeaderText(text)
  }
  if (userBytes > maxUserMetadataBytes) {
    throw new StoreError('MetadataTooLarge', undefined, { Size: userBytes, MaxSizeAllowed: maxUserMetadataBytes })
  }
  return { 'content-type': 'binary/octet-stream', ...stored }
}

/** @throws StoreError for headers or form fields that request something this store does not implement */
export function rejectUnsupportedHeaders(given: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(given)) {
    if (unsupported.some((pattern) => pattern.test(name))) {
      throw new StoreError('NotImplemented', undefined, { Header: name })
    }
    if (name === 'x-amz-storage-class' && value !== 'STANDARD') {
      throw new StoreError('NotImplemented', undefined, { Header: name })
    }
    // Like AWS since ACLs are off by default: BucketOwnerEnforced.
    if ((name === 'x-amz-acl' || name === 'acl') && value !== 'private' && value !== 'bucket-owner-full-control') {
      throw new StoreError('AccessControlListNotSupported')
    }
  }
}

/** Returns the headers that the `response-*` parameters of a GET override. API_GetObject.html. */
export function responseOverrides(query: Query): Record<string, string> {
  const overrides: Record<string, string> = {}
  for (const name of systemHeaders) {
    const value = query.get(`response-${name}`)
    if (value !== undefined) overrides[name] = requireHeaderText(toHeaderBytes(value))
  }
  return overrides
}

const signatureParameters =
  /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|content-sha256|security-token)$/

/**
 * Reads `x-amz-*` headers from the parameters of a presigned URL, which S3 treats like headers. They are part of the
 * signature. Unsigned `x-amz-*` headers are rejected before, so parameters and headers cannot contradict each other.
 */
export function readHoistedHeaders(query: Query): Record<string, string> {
  const hoisted: Record<string, string> = {}
  for (const [name, value] of query.pairs) {
    const lowerName = name.toLowerCase()
    if (!lowerName.startsWith('x-amz-') || signatureParameters.test(lowerName)) continue
    hoisted[lowerName] = toHeaderBytes(value)
  }
  return hoisted
}

/** Converts text to the form that Node requires in a header: one character per byte. */
export function toHeaderBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** Rejects control characters: a line break in a form field or query must not create another header. */
function requireHeaderText(text: string): string {
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
    throw new StoreError('InvalidArgument', 'A header value contains control characters.')
  }
  return text
}

/** Removes `aws-chunked`, which describes the transfer and is not stored. */
function withoutAwsChunked(encoding: string): string {
  return encoding
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== 'aws-chunked')
    .join(',')
}
