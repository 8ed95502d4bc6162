import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { presignedPath, sendSigned } from './signed-request'
import { createClient, startTestStore, type TestStore } from './test-store'

let it: TestStore
const path = '/pictures/body'

beforeAll(async () => {
  it = await startTestStore()
})

afterAll(async () => {
  expect(await readdir(join(it.directory, 'temporary'))).toEqual([])
  expect(it.faults).toEqual([])
  await it.end()
})

function put(headers: Record<string, string>, body: string | Buffer = 'meow', payloadHash?: string) {
  return sendSigned(it.store.endpoint, { method: 'PUT', path, headers, body, ...(payloadHash && { payloadHash }) })
}

describe('the body of a PUT', () => {
  test('can be unsigned', async () => {
    expect(await put({}, 'meow', 'UNSIGNED-PAYLOAD')).toMatchObject({ status: 200 })
  })

  test('is rejected with an unknown kind of hash', async () => {
    expect(await put({}, 'meow', 'MD5')).toMatchObject({ status: 400, code: 'InvalidArgument' })
  })

  test('passes with the CRC32C of 32 zeros from RFC 3720, appendix B.4', async () => {
    expect(await put({ 'x-amz-checksum-crc32c': 'ipE2qg==' }, Buffer.alloc(32))).toMatchObject({ status: 200 })
  })

  test.each([
    ['content-md5', 'short', 400, 'InvalidDigest'],
    ['x-amz-checksum-crc32', '', 400, 'InvalidDigest'],
    ['x-amz-checksum-xxhash64', 'AAAAAAAAAAA=', 501, 'NotImplemented'],
    ['x-amz-sdk-checksum-algorithm', 'CRC32', 400, 'InvalidRequest'],
  ])('is rejected with %s "%s"', async (name, value, status, code) => {
    expect(await put({ [name]: value })).toMatchObject({ status, code })
  })

  test('must have a length', async () => {
    const url = it.store.endpoint + presignedPath(it.store.endpoint, { method: 'PUT', path })
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('meow'))
        controller.close()
      },
    })
    const answer = await fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit)
    expect(answer.status).toBe(411)
    expect(await answer.text()).toContain('<Code>MissingContentLength</Code>')
  })

  test('can be rejected while it is being sent, and the client gets the error', async () => {
    const url = it.store.endpoint + presignedPath(it.store.endpoint, { method: 'PUT', path }).replace(/.$/, 'x')
    const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(20_000_000) })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>')
  })

  test('leaves nothing if the client disconnects in the middle', async () => {
    const before = await it.s3.send(new HeadObjectCommand({ Bucket: it.bucket, Key: 'body' }))
    const url = presignedPath(it.store.endpoint, { method: 'PUT', path })
    const socket = connect(it.store.port, '127.0.0.1')
    socket.write(
      `PUT ${url} HTTP/1.1\r\nHost: 127.0.0.1:${it.store.port}\r\nContent-Length: 500000\r\n\r\n${'m'.repeat(90_000)}`,
    )
    await expect.poll(() => readdir(join(it.directory, 'temporary'))).toHaveLength(1)
    socket.destroy()
    await expect.poll(() => readdir(join(it.directory, 'temporary'))).toEqual([])
    const after = await it.s3.send(new HeadObjectCommand({ Bucket: it.bucket, Key: 'body' }))
    expect(after.ETag).toBe(before.ETag)
  })
})

describe('an aws-chunked body', () => {
  const streaming = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
  const chunked = (body: string, headers: Record<string, string> = {}) =>
    put({ 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '4', ...headers }, body, streaming)
  const announced = { 'x-amz-trailer': 'x-amz-checksum-crc32' }

  test('from the SDK with its defaults is stored decoded, with its checksum', async () => {
    const defaults = createClient(it.store.endpoint, {
      requestChecksumCalculation: 'WHEN_SUPPORTED',
      responseChecksumValidation: 'WHEN_SUPPORTED',
    })
    const pieces = Array.from({ length: 20 }, (_, index) => Buffer.alloc(10_000, index))
    const Body = Readable.from(pieces)
    await defaults.send(new PutObjectCommand({ Bucket: it.bucket, Key: 'streamed', Body, ContentLength: 200_000 }))
    const stored = await defaults.send(new GetObjectCommand({ Bucket: it.bucket, Key: 'streamed' }))
    expect(stored.ChecksumCRC32).toBeDefined()
    expect(stored.ContentEncoding).toBeUndefined()
    expect(Buffer.from((await stored.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(pieces))).toBe(true)
  })

  test('is joined from its chunks', async () => {
    const answer = await chunked('2\r\nme\r\n2\r\now\r\n0\r\nx-amz-checksum-crc32:ihBq/g==\r\n\r\n', announced)
    expect(answer).toMatchObject({ status: 200 })
    const stored = await sendSigned(it.store.endpoint, { method: 'GET', path })
    expect(stored).toMatchObject({ text: 'meow' })
  })

  test.each([
    ['a wrong checksum', '4\r\nmeow\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', 'BadDigest'],
    ['no checksum', '4\r\nmeow\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['another trailer', '4\r\nmeow\r\n0\r\nx-amz-checksum-sha1:AAAA\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer without a colon', '4\r\nmeow\r\n0\r\nhello\r\n\r\n', 'MalformedTrailerError'],
    ['too few bytes', '3\r\nmeo\r\n0\r\n\r\n', 'IncompleteBody'],
    ['too many bytes', '5\r\nmeow!\r\n0\r\n\r\n', 'IncompleteBody'],
    ['a chunk longer than its size', '3\r\nmeow\r\n0\r\n\r\n', 'IncompleteBody'],
    ['no last chunk', '4\r\nmeow\r\n', 'IncompleteBody'],
    ['a size that is not a number', 'four\r\nmeow\r\n0\r\n\r\n', 'InvalidRequest'],
    ['data after the last chunk', '4\r\nmeow\r\n0\r\nx-amz-checksum-crc32:ihBq/g==\r\n\r\nmore', 'InvalidRequest'],
  ])('is rejected with %s', async (_, body, code) => {
    expect(await chunked(body, announced)).toMatchObject({ status: 400, code })
  })

  test('with signed chunks answers 501 NotImplemented', async () => {
    const answer = await put({ 'x-amz-decoded-content-length': '4' }, 'x', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
    expect(answer).toMatchObject({ status: 501, code: 'NotImplemented' })
  })
})
