import type { IncomingHttpHeaders } from 'node:http'
import { StoreError } from './errors'

/** What conditions are compared with. */
type Validators = { etag: string; lastModified: number }

/**
 * Conditions of GET and HEAD. Returns true where the answer is 304, throws PreconditionFailed for 412.
 * RFC 9110, section 13.2.2, is the order; https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html agrees.
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

/** Whether a Range header counts: not when `If-Range` names another object than this. RFC 9110, section 13.1.5. */
export function isRangeCurrent(object: Validators, headers: IncomingHttpHeaders): boolean {
  const ifRange = headers['if-range']
  if (typeof ifRange !== 'string') return true
  if (ifRange.startsWith('"')) return ifRange.trim() === object.etag
  return Date.parse(ifRange) === Math.floor(object.lastModified / 1000) * 1000
}

/**
 * Conditions of a write at its destination.
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

/** Deleting what is not there succeeds, whatever the condition. API_DeleteObject.html, If-Match. */
export function requireDeletable(existing: Validators | undefined, ifMatch: string | undefined): void {
  if (existing && ifMatch !== undefined && !etagMatches(ifMatch, existing.etag)) throw failed('If-Match')
}

/**
 * Conditions on the source of a copy: all that fail are 412.
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

/** S3 takes ETags with or without their quotes, `*`, and lists. */
function etagMatches(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  const bare = (text: string) => text.trim().replace(/^(?:W\/)?"(.*)"$/, '$1')
  return header.split(',').some((candidate) => bare(candidate) === bare(etag))
}

/** Undefined where the date is missing or is none; then the header is ignored. HTTP dates have whole seconds. */
function modifiedSince(object: Validators, date: string | undefined): boolean | undefined {
  const since = Date.parse(date ?? '')
  return Number.isNaN(since) ? undefined : Math.floor(object.lastModified / 1000) > Math.floor(since / 1000)
}
