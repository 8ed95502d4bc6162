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

/** Refused rather than ignored: a caller who sends one of these relies on it. */
const unsupported = [
  /^x-amz-server-side-encryption/,
  /^x-amz-object-lock-/,
  /^x-amz-grant-/,
  /^x-amz-tagging/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-write-offset-bytes$/,
  /^x-amz-bucket-object-lock-enabled$/,
]

/** The headers kept with an object, from a PUT's headers or a form's fields (lower-case names). */
export function readObjectHeaders(given: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {}
  let userBytes = 0
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') continue
    const isUserMetadata = name.startsWith('x-amz-meta-')
    if (!isUserMetadata && !systemHeaders.includes(name)) continue
    if (isUserMetadata) userBytes += name.length - 'x-amz-meta-'.length + value.length
    const text = name === 'content-encoding' ? withoutAwsChunked(value) : value
    if (text !== '' || isUserMetadata) kept[name] = requireHeaderText(text)
  }
  if (userBytes > maxUserMetadataBytes) {
    throw new StoreError('MetadataTooLarge', undefined, { Size: userBytes, MaxSizeAllowed: maxUserMetadataBytes })
  }
  return { 'content-type': 'binary/octet-stream', ...kept }
}

/** Refuses headers (or form fields) that ask for something this store does not do. */
export function refuseUnsupportedHeaders(given: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(given)) {
    if (unsupported.some((pattern) => pattern.test(name))) {
      throw new StoreError('NotImplemented', undefined, { Header: name })
    }
    if (name === 'x-amz-storage-class' && value !== 'STANDARD') {
      throw new StoreError('NotImplemented', undefined, { Header: name })
    }
    // What AWS does since ACLs are off by default: BucketOwnerEnforced.
    if ((name === 'x-amz-acl' || name === 'acl') && value !== 'private' && value !== 'bucket-owner-full-control') {
      throw new StoreError('AccessControlListNotSupported')
    }
  }
}

/** `response-*` parameters of a GET take the place of what is stored. API_GetObject.html. */
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
 * A presigned URL may carry `x-amz-*` headers as parameters, and S3 takes them as if they had been sent. They are part
 * of the signature there, and a header that is not would have been refused, so they can only agree.
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

/** Decoded text as Node wants it in a header: one character per byte. */
export function toHeaderBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** A line break in a form field or query must not become a header of its own. */
function requireHeaderText(text: string): string {
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
    throw new StoreError('InvalidArgument', 'A header value holds control characters.')
  }
  return text
}

/** `aws-chunked` is about the transfer and not kept. */
function withoutAwsChunked(encoding: string): string {
  return encoding
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== 'aws-chunked')
    .join(',')
}
