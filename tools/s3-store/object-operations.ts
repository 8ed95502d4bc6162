import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { parseRange } from './byte-range'
import { isNotModified, isRangeCurrent, requireDeletable, requireWritable } from './conditions'
import { type ObjectRecord, type OpenObject, readBody, writeDraft } from './disk'
import type { SignedExchange } from './exchange'
import { readObjectHeaders, rejectUnsupportedHeaders, responseOverrides } from './object-headers'
import { openPayload } from './payload'
import { sendEmpty } from './respond'
import { requireValidKey } from './target'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(exchange: SignedExchange): Promise<void> {
  const { request, response, target, buckets, now } = exchange
  const bucket = buckets.get(target.bucket)
  requireValidKey(target.key)
  rejectUnsupportedHeaders(request.headers)
  const headers = readObjectHeaders(request.headers)
  const payload = openPayload(request, exchange.payloadHash)
  const draft = await writeDraft(buckets.temporaryDirectory, payload.chunks, () => ({
    key: target.key,
    lastModified: now().getTime(),
    headers,
    checksums: withoutMd5(payload.checksums),
  }))
  await bucket.commit(draft, (existing) => requireWritable(existing, request.headers, target.key))
  response.setHeader('etag', draft.record.etag)
  setHeaders(response, draft.record.checksums)
  sendEmpty(response, 200)
}

/** Handles GetObject and HeadObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(exchange: SignedExchange): Promise<void> {
  const { target, buckets } = exchange
  requireValidKey(target.key)
  const object = await buckets.get(target.bucket).open(target.key)
  try {
    await sendObject(exchange, object)
  } finally {
    await object.handle.close()
  }
}

async function sendObject({ request, response, target }: SignedExchange, object: OpenObject): Promise<void> {
  const { record } = object
  setValidators(response, record)
  if (isNotModified(record, request.headers)) return sendEmpty(response, 304)

  const rangeHeader = isRangeCurrent(record, request.headers) ? request.headers.range : undefined
  const range = parseRange(rangeHeader, record.size)
  setHeaders(response, record.headers)
  setHeaders(response, responseOverrides(target.query))
  if (!range && wantsChecksum(request.headers)) setHeaders(response, record.checksums)
  const { start, end } = range ?? { start: 0, end: record.size - 1 }
  if (range) response.setHeader('content-range', `bytes ${start}-${end}/${record.size}`)
  response.setHeader('content-length', end - start + 1)
  response.writeHead(range ? 206 : 200)
  if (request.method === 'HEAD' || record.size === 0) {
    response.end()
    return
  }
  await pipeline(readBody(object, { start, end }), response)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export async function deleteObject({ request, response, target, buckets }: SignedExchange): Promise<void> {
  requireValidKey(target.key)
  buckets.get(target.bucket).delete(target.key, (existing) => requireDeletable(existing, request.headers['if-match']))
  sendEmpty(response, 204)
}

function setValidators(response: ServerResponse, record: ObjectRecord): void {
  response.setHeader('etag', record.etag)
  response.setHeader('last-modified', new Date(record.lastModified).toUTCString())
  response.setHeader('accept-ranges', 'bytes')
}

function setHeaders(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

function wantsChecksum(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-amz-checksum-mode'] ?? '').toUpperCase() === 'ENABLED'
}

/** Removes Content-MD5, which describes the transfer. Other checksums are stored with the object. */
function withoutMd5(checksums: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).filter(([name]) => name !== 'content-md5'))
}
