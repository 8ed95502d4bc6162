import 'server-only'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Bucket } from './client'
import { signGet } from './sign-get'
import { signableUntil } from './signing-life'

/** How the browser may send one file, and until when. */
interface Permit {
  url: string
  /** Store time: as long as asked for, or until the host's credentials end. */
  expiresAt: Date
}

export interface PostPolicy extends Permit {
  /** To be sent before the file. */
  fields: Record<string, string>
}

export interface PutPermit extends Permit {
  /** To be sent along; `content-length` the browser sends by itself. */
  headers: Record<string, string>
}

/**
 * A form with which a browser may send one file: exactly this key, exactly this type, 1 to maxBytes bytes.
 * Every field is a condition, so the store refuses an extra one.
 * Source: AWS, "POST Policy"; security S1-S6.
 */
export async function presignPost(
  bucket: Bucket,
  key: string,
  options: { contentType: string; maxBytes: number; expiresInSeconds: number },
): Promise<PostPolicy> {
  const life = await lifeOf(bucket, options.expiresInSeconds)
  const form = await signPost(bucket, key, { ...options, expiresInSeconds: life.seconds })
  return { ...form, expiresAt: life.expiresAt }
}

/** Signs such a form, for a life that nobody looks at: one below zero makes it one that has expired. */
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

/** For stores without POST policies: a URL to PUT exactly so many bytes of exactly this type, once. */
export async function presignPut(
  bucket: Bucket,
  key: string,
  options: { contentType: string; bytes: number; expiresInSeconds: number },
): Promise<PutPermit> {
  const life = await lifeOf(bucket, options.expiresInSeconds)
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ContentType: options.contentType,
    ContentLength: options.bytes,
    IfNoneMatch: '*',
  })
  const url = await getSignedUrl(bucket.presigner, command, {
    expiresIn: life.seconds,
    signableHeaders: new Set(['content-type', 'content-length', 'if-none-match', 'host']),
    unhoistableHeaders: new Set(['if-none-match']),
    signingDate: new Date(bucket.clock.now()),
  })
  const headers = { 'content-type': options.contentType, 'if-none-match': '*' }
  return { url, headers, expiresAt: life.expiresAt }
}

/** What is signed now for so long: when it ends, and after how many whole seconds. */
async function lifeOf(bucket: Bucket, wishedSeconds: number): Promise<{ expiresAt: Date; seconds: number }> {
  const now = bucket.clock.now()
  const until = await signableUntil(bucket, now + wishedSeconds * 1000, wishedSeconds * 1000)
  return { expiresAt: new Date(until), seconds: Math.max(1, Math.floor((until - now) / 1000)) }
}

/** How long a presigned GET lives at least, and the window that its signing time is rounded to. */
const windowSeconds = 15 * 60

/**
 * A URL by which anyone who has it may read the object for 15 to 30 minutes, or until the host's credentials end. The
 * signing time is rounded down to a window, so that within it the same object has the same URL, and the browser's
 * cache works.
 * @param downloadName makes browsers save it under that name instead of showing it
 */
export async function presignGet(bucket: Bucket, key: string, downloadName?: string): Promise<string> {
  const now = bucket.clock.now()
  const windowMs = windowSeconds * 1000
  const signingMs = now - (now % windowMs)
  const until = await signableUntil(bucket, signingMs + 2 * windowMs, windowMs)
  return signGet(bucket, {
    key,
    query: downloadName ? { 'response-content-disposition': `attachment; filename="${downloadName}"` } : {},
    signingDate: new Date(signingMs),
    expiresIn: Math.max(1, Math.floor((until - signingMs) / 1000)),
  })
}
