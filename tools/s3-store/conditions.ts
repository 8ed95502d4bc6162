import type { IncomingHttpHeaders } from 'node:http'
import { StoreError } from './errors'

/** The properties of an object that conditions are compared with. */
type Validators = { etag: string; lastModified: number }

/**
 * Evaluates the conditions of GET and HEAD in the order of RFC 9110, section 13.2.2, which S3 follows too
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). Returns true if the response is 304.
 * @throws StoreError PreconditionFailed (412)
 */
export function isNotModified(object: Validators, headers: IncomingHttpHeaders): boolean {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch !== undefined) {
    if (!etagMatches(ifMatch, object.etag)) throw failed('If-Match')
  } else if (modifiedSince(object, headers['if-unmodified-since']) === true) {
    throw failed('If-Unmodified-Since')
  }
  if (ifNoneMatch !== undefined) return etagMatches(ifNoneMatch, object.etag)
  return modifiedSince(object, headers['if-modified-since']) === false
}

/** Returns whether the Range header applies: false if `If-Range` names another version. RFC 9110, section 13.1.5. */
export function isRangeCurrent(object: Validators, headers: IncomingHttpHeaders): boolean {
  const ifRange = headers['if-range']
  if (typeof ifRange !== 'string') return true
  if (ifRange.startsWith('"')) return ifRange.trim() === object.etag
  return Date.parse(ifRange) === Math.floor(object.lastModified / 1000) * 1000
}

/**
 * Checks the conditions of a write against the existing object.
 * @throws StoreError PreconditionFailed (412), NoSuchKey (404) for `If-Match` without an object
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function requireWritable(existing: Validators | undefined, headers: IncomingHttpHeaders, key: string): void {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new StoreError('NotImplemented', undefined, { Header: 'If-None-Match' })
  }
  if (ifNoneMatch === '*' && existing) throw failed('If-None-Match')
  if (ifMatch === undefined) return
  if (!existing) throw new StoreError('NoSuchKey', undefined, { Key: key })
  if (!etagMatches(ifMatch, existing.etag)) throw failed('If-Match')
}

/** Checks the condition of a deletion. Deleting a missing object always succeeds. API_DeleteObject.html, If-Match. */
export function requireDeletable(existing: Validators | undefined, ifMatch: string | undefined): void {
  if (existing && ifMatch !== undefined && !etagMatches(ifMatch, existing.etag)) throw failed('If-Match')
}

/**
 * Checks the conditions on the source of a copy.
 * @throws StoreError PreconditionFailed (412) if any of them fails
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function requireCopyable(source: Validators, headers: IncomingHttpHeaders): void {
  const header = (name: string) => {
    const value = headers[`x-amz-copy-source-if-${name}`]
    return typeof value === 'string' ? value : undefined
  }
  const match = header('match')
  const noneMatch = header('none-match')
  if (match !== undefined) {
    if (!etagMatches(match, source.etag)) throw failed('x-amz-copy-source-If-Match')
  } else if (modifiedSince(source, header('unmodified-since')) === true) {
    throw failed('x-amz-copy-source-If-Unmodified-Since')
  }
  if (noneMatch !== undefined) {
    if (etagMatches(noneMatch, source.etag)) throw failed('x-amz-copy-source-If-None-Match')
  } else if (modifiedSince(source, header('modified-since')) === false) {
    throw failed('x-amz-copy-source-If-Modified-Since')
  }
}

function failed(condition: string): StoreError {
  return new StoreError('PreconditionFailed', undefined, { Condition: condition })
}

/** Compares like S3, which accepts ETags with or without quotes, `*`, and lists. */
function etagMatches(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  const bare = (text: string) => text.trim().replace(/^(?:W\/)?"(.*)"$/, '$1')
  return header.split(',').some((candidate) => bare(candidate) === bare(etag))
}

/** Returns undefined if the date is missing or invalid; the header is ignored then. HTTP dates have whole seconds. */
function modifiedSince(object: Validators, date: string | undefined): boolean | undefined {
  const since = Date.parse(date ?? '')
  return Number.isNaN(since) ? undefined : Math.floor(object.lastModified / 1000) > Math.floor(since / 1000)
}
