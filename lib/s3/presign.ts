import 'server-only'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Bucket } from './client'
import { signGet } from './sign-get'
import { signableUntil } from './signing-life'

/** Permission to upload one file. */
interface Permit {
  url: string
  /** Store time. Earlier than requested if the host's credentials expire before. */
  expiresAt: Date
}

export interface PostPolicy extends Permit {
  /** Form fields, which must come before the file. */
  fields: Record<string, string>
}

export interface PutPermit extends Permit {
  /** Request headers. The browser adds `content-length` itself. */
  headers: Record<string, string>
}

/**
 * Signs a form with which a browser may upload one file: with exactly this key and type, and 1 to `maxBytes` bytes.
 * Every field is a condition, so the store rejects extra fields. Source: AWS, "POST Policy"; security S1-S6.
 */
export async function presignPost(
  bucket: Bucket,
  key: string,
  options: { contentType: string; maxBytes: number; expiresInSeconds: number },
): Promise<PostPolicy> {
  const { expiresAt, seconds } = await validityOf(bucket, options.expiresInSeconds)
  return { ...(await signPost(bucket, key, { ...options, expiresInSeconds: seconds })), expiresAt }
}

/** Signs such a form without a check of the credentials' expiry. Negative seconds make an expired form. */
export async function signPost(
  bucket: Bucket,
  key: string,
  options: { contentType: string; maxBytes: number; expiresInSeconds: number },
): Promise<Pick<PostPolicy, 'url' | 'fields'>> {
  return createPresignedPost(bucket.presigner, {
    Bucket: bucket.name,
    Key: key,
    Fields: { 'Content-Type': options.contentType },
    Conditions: [['content-length-range', 1, options.maxBytes]],
    Expires: options.expiresInSeconds,
  })
}

/** Signs a URL to PUT exactly `bytes` bytes of exactly this type, once: for stores without POST policies. */
export async function presignPut(
  bucket: Bucket,
  key: string,
  options: { contentType: string; bytes: number; expiresInSeconds: number },
): Promise<PutPermit> {
  const { expiresAt, seconds } = await validityOf(bucket, options.expiresInSeconds)
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ContentType: options.contentType,
    ContentLength: options.bytes,
    IfNoneMatch: '*',
  })
  const url = await getSignedUrl(bucket.presigner, command, {
    expiresIn: seconds,
    signableHeaders: new Set(['content-type', 'content-length', 'if-none-match', 'host']),
    unhoistableHeaders: new Set(['if-none-match']),
    signingDate: new Date(bucket.clock.now()),
  })
  const headers = { 'content-type': options.contentType, 'if-none-match': '*' }
  return { url, headers, expiresAt }
}

/** Returns how long a signature is valid: as requested, or shorter if the credentials expire before. */
async function validityOf(bucket: Bucket, requestedSeconds: number): Promise<{ expiresAt: Date; seconds: number }> {
  const now = bucket.clock.now()
  const until = await signableUntil(bucket, now + requestedSeconds * 1000, requestedSeconds * 1000)
  return { expiresAt: new Date(until), seconds: Math.max(1, Math.floor((until - now) / 1000)) }
}

/** Shortest validity of a presigned GET, and the window that its signing time is rounded to. */
const windowSeconds = 15 * 60

/** The longest life of a signature, in milliseconds. */
export const longestSignatureMs = 2 * windowSeconds * 1000

/**
 * Signs a URL that lets anyone read the object for 15 to 30 minutes, or until the host's credentials expire. Rounds the
 * signing time down to a window. Within it the same object has the same URL, so the browser's cache works.
 *
 * Only the reader's own browser may cache the response, whatever the object's own `Cache-Control` says: it is meant for
 * public URLs.
 * @param options.downloadName makes browsers save the object under this name instead of showing it
 * @param options.isImmutable the object never changes, so the browser never asks for it again at this URL
 */
export async function presignGet(
  bucket: Bucket,
  key: string,
  { downloadName, isImmutable = false }: { downloadName?: string; isImmutable?: boolean } = {},
): Promise<string> {
  const now = bucket.clock.now()
  const windowMs = windowSeconds * 1000
  const signingMs = now - (now % windowMs)
  const until = await signableUntil(bucket, signingMs + 2 * windowMs, windowMs)
  return signGet(bucket, {
    key,
    query: {
      'response-cache-control': isImmutable ? 'private, max-age=31536000, immutable' : 'private',
      ...(downloadName && { 'response-content-disposition': `attachment; filename="${downloadName}"` }),
    },
    signingDate: new Date(signingMs),
    expiresIn: Math.max(1, Math.floor((until - signingMs) / 1000)),
  })
}
