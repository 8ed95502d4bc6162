import 'server-only'
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type _Error as ObjectError,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { Bucket } from './client'
import { bareEtag } from './etag'
import { readBody } from './read-body'
import { nameRequest, sendCommand, sendToStore } from './send'

/** An object's head. ETags are without quotes. */
export interface ObjectHead {
  /** Bytes. */
  size: number
  etag: string
  contentType: string
  lastModified: Date
}

export interface ListedObject {
  key: string
  /** Bytes. */
  size: number
  lastModified: Date
}

export interface ListedPage {
  objects: ListedObject[]
  /** The store's continuation token; null on the last page. */
  nextToken: string | null
}

/** Returns the head of an object, or null if it does not exist. */
export async function headObject(bucket: Bucket, key: string): Promise<ObjectHead | null> {
  return orNull(async () => {
    const command = new HeadObjectCommand({ Bucket: bucket.name, Key: key })
    return headOf(await sendCommand(bucket, 'HeadObject', key, command))
  })
}

interface ReadOptions {
  /** Cancels the request, its body included. */
  signal?: AbortSignal | undefined
}

/** An object with its bytes. */
export interface StoredObject extends ObjectHead {
  bytes: Uint8Array
}

/** An object has more bytes than the caller accepts. Its body was not read. */
export class ObjectTooLarge extends Error {
  override name = 'ObjectTooLarge'
}

/**
 * Reads an object, or returns null if it does not exist. Retries once if the connection breaks during the body.
 * @param maxBytes the size limit in bytes
 * @throws ObjectTooLarge if the object is larger
 * @throws AbortError once the signal is aborted
 */
export function getObject(
  bucket: Bucket,
  key: string,
  maxBytes: number,
  { signal }: ReadOptions = {},
): Promise<StoredObject | null> {
  return orNull(() => getWithRetries(bucket, { Key: key }, maxBytes, signal))
}

/**
 * Reads an object only if it has this ETag. Checks the ETag of the response too, for stores that ignore the condition.
 * @param etag without quotes
 * @returns the object, null if it does not exist, or 'changed' if it has another ETag
 * @throws as `getObject`
 */
export async function getObjectIfMatch(
  bucket: Bucket,
  key: string,
  etag: string,
  maxBytes: number,
  { signal }: ReadOptions = {},
): Promise<StoredObject | null | 'changed'> {
  const read = async (input: { Key: string; IfMatch?: string }) => {
    const object = await orNull(() => getWithRetries(bucket, input, maxBytes, signal), missing)
    return object && object.etag !== etag ? 'changed' : object
  }
  try {
    return await read({ Key: key, IfMatch: `"${etag}"` })
  } catch (error) {
    if (!(error instanceof S3ServiceException && error.name === 'PreconditionFailed')) throw error
    // A proxy that makes ETags weak may answer 412 to every condition: a weak ETag never matches (RFC 9110, 13.1.1).
    return (await headObject(bucket, key))?.etag === etag ? read({ Key: key }) : 'changed'
  }
}

async function getWithRetries(
  bucket: Bucket,
  input: { Key: string; IfMatch?: string },
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt += 1) {
    const get = (abortSignal?: AbortSignal) => getOnce(bucket, input, maxBytes, abortSignal)
    const result = await sendToStore(bucket, 'GetObject', input.Key, get, signal)
    // The SDK's own retries end with the response headers.
    if ('bytes' in result) return result
    if (attempt === maxBodyAttempts) throw await nameRequest(result.bodyError, bucket, 'GetObject', input.Key)
  }
}

/** @returns the object, or the error that ended its body */
async function getOnce(
  bucket: Bucket,
  input: { Key: string; IfMatch?: string },
  maxBytes: number,
  abortSignal: AbortSignal | undefined,
): Promise<StoredObject | { bodyError: unknown }> {
  const output = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.name, ...input }), { abortSignal })
  const head = headOf(output)
  if (!(output.Body instanceof Readable)) throw new Error('the store sent no body')
  if (head.size > maxBytes) {
    // Closes the connection, so that the store does not send the rest.
    output.Body.destroy()
    throw new ObjectTooLarge(`the object has ${head.size} bytes, more than the limit of ${maxBytes}`)
  }
  try {
    return { ...head, bytes: await readBody(output.Body, head.size) }
  } catch (bodyError) {
    return { bodyError }
  }
}

const maxBodyAttempts = 2

/** Writes an object. Replaces an existing one. */
export async function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array | string,
  headers: { contentType: string; cacheControl?: string },
): Promise<void> {
  // The SDK cannot determine the length of an empty string.
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
    ContentType: headers.contentType,
    CacheControl: headers.cacheControl,
  })
  await sendCommand(bucket, 'PutObject', key, command)
}

/**
 * Copies an object within the bucket, with its content type and headers.
 * @param ifMatch copies only if the source has this ETag; some stores ignore this condition
 * @returns the copy's ETag, or null if the source does not exist or has another ETag
 */
export async function copyObject(bucket: Bucket, from: string, to: string, ifMatch?: string): Promise<string | null> {
  return orNull(async () => {
    const source = [bucket.name, ...from.split('/')].map(encodeURIComponent).join('/')
    const command = new CopyObjectCommand({
      Bucket: bucket.name,
      Key: to,
      CopySource: source,
      CopySourceIfMatch: ifMatch && `"${ifMatch}"`,
    })
    const output = await sendCommand(bucket, 'CopyObject', to, command)
    return unquoted(output.CopyObjectResult?.ETag)
  })
}

/** The store rejected the deletion of some objects, and deleted the others. */
export class ObjectsNotDeleted extends Error {
  override name = 'ObjectsNotDeleted'
  /** @param code S3's code for the first object, such as `AccessDenied` */
  constructor(
    readonly keys: string[],
    readonly code: string,
    message = '',
  ) {
    super(`the store could not delete ${keys.length} objects: ${code} ${message}`.trim())
  }
}

/**
 * Deletes any number of objects. Ignores missing ones.
 * @throws ObjectsNotDeleted if the store rejected some, after all keys were sent
 */
export async function deleteObjects(bucket: Bucket, keys: string[]): Promise<void> {
  const [key] = keys
  // A single deletion is cheaper for both sides.
  if (key !== undefined && keys.length === 1) {
    const command = new DeleteObjectCommand({ Bucket: bucket.name, Key: key })
    await sendCommand(bucket, 'DeleteObject', key, command)
    return
  }
  // A request may contain 1,000 keys (AWS, DeleteObjects).
  const failed: ObjectError[] = []
  for (let start = 0; start < keys.length; start += 1000) {
    const objects = keys.slice(start, start + 1000).map((Key) => ({ Key }))
    const command = new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects: objects, Quiet: true } })
    const output = await sendCommand(bucket, 'DeleteObjects', keys[start] as string, command)
    failed.push(...(output.Errors ?? []))
  }
  const [first] = failed
  if (!first) return
  const notDeleted = failed.map(({ Key }) => Key ?? '')
  const error = new ObjectsNotDeleted(notDeleted, first.Code ?? 'UnknownError', first.Message)
  throw await nameRequest(error, bucket, 'DeleteObjects', notDeleted[0] as string)
}

interface ListOptions {
  /** Lists only keys after this one, which need not exist. */
  startAfter?: string | undefined
}

/**
 * Lists one page of keys in byte order.
 * @param limit maximum number of keys, 1 to 1,000
 * @param token the continuation token of the previous page
 */
export async function listObjects(
  bucket: Bucket,
  prefix: string,
  limit: number,
  { token, signal, startAfter }: ReadOptions & ListOptions & { token?: string | undefined } = {},
): Promise<ListedPage> {
  const page = { Bucket: bucket.name, Prefix: prefix, MaxKeys: limit, ContinuationToken: token, StartAfter: startAfter }
  const command = new ListObjectsV2Command(page)
  const output = await sendCommand(bucket, 'ListObjectsV2', prefix, command, signal)
  const objects = (output.Contents ?? []).map((entry) => ({
    key: entry.Key ?? '',
    size: entry.Size ?? 0,
    lastModified: entry.LastModified ?? new Date(0),
  }))
  return { objects, nextToken: output.NextContinuationToken ?? null }
}

/** Lists all keys under a prefix. Only for prefixes that have few. */
export async function listAllObjects(
  bucket: Bucket,
  prefix: string,
  options: ListOptions = {},
): Promise<ListedObject[]> {
  const all: ListedObject[] = []
  let token: string | undefined
  do {
    const page = await listObjects(bucket, prefix, 1000, { ...options, token })
    all.push(...page.objects)
    token = page.nextToken ?? undefined
  } while (token)
  return all
}

function headOf(output: HeadObjectCommandOutput | GetObjectCommandOutput): ObjectHead {
  return {
    size: output.ContentLength ?? 0,
    etag: unquoted(output.ETag),
    contentType: output.ContentType ?? 'application/octet-stream',
    lastModified: output.LastModified ?? new Date(0),
  }
}

function unquoted(etag: string | undefined): string {
  if (!etag) throw new Error('the store sent no ETag')
  return bareEtag(etag)
}

/** Returns null for the error codes in `absent`, and throws every other error. A missing bucket is an outage. */
async function orNull<T>(work: () => Promise<T>, absent = missingOrChanged): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof S3ServiceException && absent.has(error.name)) return null
    throw error
  }
}

const missing = new Set(['NotFound', 'NoSuchKey'])
const missingOrChanged = new Set([...missing, 'PreconditionFailed'])
