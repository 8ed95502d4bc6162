import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { connectBucket } from './client'
import {
  copyObject,
  deleteObjects,
  getObject,
  getObjectIfMatch,
  headObject,
  ObjectsNotDeleted,
  ObjectTooLarge,
} from './objects'
import { openAnsweringStore } from './test-support/answering-store'

// Responses of other stores, and of proxies in front of them. tools/s3-store/contract tests what every store answers.

/** Starts a store with these responses. @returns a bucket of it */
async function bucketThat(answer: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const endpoint = await openAnsweringStore((request, response) => answer(request, response))
  return connectBucket({
    name: 'pictures',
    region: 'eu-central-1',
    endpoint,
    publicEndpoint: undefined,
    forcePathStyle: true,
    timeoutMs: 5_000,
  })
}

const body = Buffer.from('0123456789')

/** Starts a store that ignores conditions and serves one object with this ETag header. */
const storeWith = (etag: string) =>
  bucketThat((_, response) => {
    response.writeHead(200, { etag, 'content-length': String(body.length), 'content-type': 'image/jpeg' }).end(body)
  })

describe('a read with an ETag condition', () => {
  test('sends the ETag in quotes', async () => {
    const sent: unknown[] = []
    const bucket = await bucketThat((request, response) => {
      sent.push(request.headers['if-match'])
      response.writeHead(200, { etag: '"abc"', 'content-length': '10' }).end(body)
    })
    expect(await getObjectIfMatch(bucket, 'key', 'abc', 10)).toMatchObject({ etag: 'abc', size: 10 })
    expect(sent).toEqual(['"abc"'])
  })

  test('compares the ETag of the response if the store ignores the condition', async () => {
    const bucket = await storeWith('"new"')
    expect(await getObjectIfMatch(bucket, 'key', 'old', 10)).toBe('changed')
    expect(await getObjectIfMatch(bucket, 'key', 'new', 10)).toMatchObject({ etag: 'new' })
    // Without a condition any ETag is right.
    expect(await getObject(bucket, 'key', 10)).toMatchObject({ etag: 'new' })
  })

  test('returns changed for 412 and null for a missing object, and throws the rest', async () => {
    const bucketWith = (status: number, code: string) =>
      bucketThat(({ method }, response) => {
        if (method === 'HEAD') return response.writeHead(200, { etag: '"new"', 'content-length': '10' }).end()
        return response
          .writeHead(status, { 'content-type': 'application/xml' })
          .end(`<Error><Code>${code}</Code></Error>`)
      })
    expect(await getObjectIfMatch(await bucketWith(412, 'PreconditionFailed'), 'key', 'abc', 10)).toBe('changed')
    expect(await getObjectIfMatch(await bucketWith(404, 'NoSuchKey'), 'key', 'abc', 10)).toBeNull()
    const forbidden = getObjectIfMatch(await bucketWith(403, 'AccessDenied'), 'key', 'abc', 10)
    await expect(forbidden).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('compares ETags weakly if a proxy makes them weak and answers 412 to every condition', async () => {
    const bucket = await bucketThat(({ headers }, response) => {
      if (headers['if-match']) return response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>')
      return response.writeHead(200, { etag: 'W/"abc"', 'content-length': '10' }).end(body)
    })
    expect(await getObjectIfMatch(bucket, 'key', 'abc', 10)).toMatchObject({ etag: 'abc', size: 10 })
    expect(await getObjectIfMatch(bucket, 'key', 'old', 10)).toBe('changed')
  })

  test('throws before it reads a body over the size limit', async () => {
    const bucket = await storeWith('"abc"')
    await expect(getObjectIfMatch(bucket, 'key', 'abc', 9)).rejects.toThrow(ObjectTooLarge)
    await expect(getObject(bucket, 'key', 9)).rejects.toThrow('the object has 10 bytes, more than the limit of 9')
  })
})

test.each(['"abc"', 'W/"abc"', 'abc'])('reads the ETag header %s as abc', async (header) => {
  const bucket = await storeWith(header)
  expect(await headObject(bucket, 'key')).toMatchObject({ etag: 'abc' })
  expect(await getObject(bucket, 'key', 10)).toMatchObject({ etag: 'abc' })
  expect(await getObjectIfMatch(bucket, 'key', 'abc', 10)).toMatchObject({ etag: 'abc', size: 10 })
  const copying = await bucketThat((_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(`<CopyObjectResult><ETag>${header.replaceAll('"', '&quot;')}</ETag></CopyObjectResult>`),
  )
  expect(await copyObject(copying, 'key', 'copy')).toBe('abc')
})

describe('a deletion of many objects', () => {
  /** Starts a store that rejects the deletion of these keys. @returns its bucket, and the keys of each request */
  async function rejecting(isRejected: (key: string) => boolean) {
    const requests: string[][] = []
    const bucket = await bucketThat(async (request, response) => {
      const keys = [...(await text(request)).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key ?? '')
      requests.push(keys)
      const errors = keys
        .filter(isRejected)
        .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(`<?xml version="1.0" encoding="UTF-8"?><DeleteResult>${errors.join('')}</DeleteResult>`)
    })
    return { bucket, requests }
  }

  const failureOf = (work: Promise<void>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    )

  test('reports the keys that the store rejected in a 200 response', async () => {
    const { bucket } = await rejecting((key) => key !== 'b')
    const failure = await failureOf(deleteObjects(bucket, ['a', 'b', 'c']))
    expect(failure).toBeInstanceOf(ObjectsNotDeleted)
    expect(failure).toMatchObject({ keys: ['a', 'c'] })
    expect(String(failure)).toContain('could not delete 2 objects: AccessDenied Access Denied')
  })

  test('requests the deletion of all keys before it reports rejected ones', async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `key-${index}`)
    const { bucket, requests } = await rejecting((key) => key === 'key-3' || key === 'key-2400')
    const failure = await failureOf(deleteObjects(bucket, keys))
    expect(failure).toMatchObject({ keys: ['key-3', 'key-2400'] })
    expect(requests.map(({ length }) => length)).toEqual([1000, 1000, 500])
    expect(requests.flat()).toEqual(keys)
  })

  test('returns nothing on success, and sends nothing without keys', async () => {
    const { bucket, requests } = await rejecting(() => false)
    await deleteObjects(bucket, ['a', 'b'])
    await deleteObjects(bucket, [])
    expect(requests).toEqual([['a', 'b']])
  })
})
