import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendSigned } from './signed-request'
import { startTestStore, type TestStore } from './test-store'

let it: TestStore
let etag: string
const Bucket = 'pictures'
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })

beforeAll(async () => {
  it = await startTestStore()
  const stored = await it.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'cat',
      Body: '0123456789',
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline; filename="cat.png"',
      ContentEncoding: 'identity',
      ContentLanguage: 'en',
      Metadata: { name: 'Tom' },
    }),
  )
  etag = String(stored.ETag)
  await it.s3.send(new CreateBucketCommand({ Bucket: 'others' }))
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

const get = (headers: Record<string, string> = {}, path = '/pictures/cat') =>
  sendSigned(it.store.endpoint, { method: 'GET', path, headers })
const put = (Key: string, Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  it.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }))
const read = async (Key: string, from = Bucket) => {
  const { Body } = await it.s3.send(new GetObjectCommand({ Bucket: from, Key }))
  return Body?.transformToString()
}

describe('an object', () => {
  test('has the default content type of S3', async () => {
    await put('untyped', 'x')
    expect(await it.s3.send(new HeadObjectCommand({ Bucket, Key: 'untyped' }))).toMatchObject({
      ContentType: expect.stringContaining('octet-stream'),
    })
  })

  test('can have control characters in its key', async () => {
    const key = 'line\nbreak\u0001\ttab'
    await put(key, key)
    expect(await read(key)).toBe(key)
  })

  test.each(['k'.repeat(1025), 'ü'.repeat(513)])('cannot have a key over 1,024 bytes', async (key) => {
    await expect(put(key, 'x')).rejects.toMatchObject({ name: 'KeyTooLongError', ...status(400) })
  })

  test('can have at most 2 KB of metadata', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'm', Body: '', Metadata: { a: 'x'.repeat(2048) } })
    await expect(it.s3.send(command)).rejects.toMatchObject({ name: 'MetadataTooLarge' })
  })

  test.each([
    ['x-amz-server-side-encryption', 'AES256', 501],
    ['x-amz-tagging', 'a=b', 501],
    ['x-amz-storage-class', 'GLACIER', 501],
    ['x-amz-acl', 'public-read', 400],
  ])('is rejected with %s, which the store does not implement', async (name, value, expected) => {
    const request = { method: 'PUT', path: '/pictures/acl', body: 'x', headers: { [name]: value } }
    expect(await sendSigned(it.store.endpoint, request)).toMatchObject({ status: expected })
  })
})

describe('a range', () => {
  test('bytes=-99 returns the whole object', async () => {
    expect(await get({ range: 'bytes=-99' })).toMatchObject({ status: 206, text: '0123456789' })
  })

  test('is served if If-Range is the Last-Modified time, but not if it is earlier', async () => {
    const { headers } = await get()
    const written = String(headers['last-modified'])
    expect(await get({ range: 'bytes=0-3', 'if-range': written })).toMatchObject({ status: 206 })
    expect(await get({ range: 'bytes=0-3', 'if-range': new Date(0).toUTCString() })).toMatchObject({ status: 200 })
  })

  test.each(['bytes=3-1', 'bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b'])('%s is ignored', async (range) => {
    expect(await get({ range })).toMatchObject({ status: 200, text: '0123456789' })
  })

  test.each(['bytes=10-', 'bytes=-0'])('%s is rejected as beyond the object', async (range) => {
    const answer = await get({ range })
    expect(answer).toMatchObject({ status: 416, code: 'InvalidRange' })
    expect(answer.headers['content-range']).toBe('bytes */10')
  })
})

describe('a conditional GET', () => {
  const yesterday = new Date(Date.now() - 86_400_000).toUTCString()
  const tomorrow = new Date(Date.now() + 86_400_000).toUTCString()

  test.each<[string, () => Record<string, string>, number]>([
    ['If-Match without its quotes', () => ({ 'if-match': etag.replaceAll('"', '') }), 200],
    ['If-None-Match in a list', () => ({ 'if-none-match': `"other", ${etag}` }), 304],
    ['If-Modified-Since tomorrow', () => ({ 'if-modified-since': tomorrow }), 304],
    ['If-Modified-Since nonsense', () => ({ 'if-modified-since': 'nonsense' }), 200],
    ['If-Match over If-Unmodified-Since', () => ({ 'if-match': etag, 'if-unmodified-since': yesterday }), 200],
    ['If-None-Match over If-Modified-Since', () => ({ 'if-none-match': '"x"', 'if-modified-since': tomorrow }), 200],
  ])('%s', async (_, headers, expected) => {
    const answer = await get(headers())
    expect(answer.status).toBe(expected)
    if (expected === 304) expect(answer).toMatchObject({ text: '', headers: { etag } })
  })
})

describe('a conditional PUT', () => {
  test('with an ETag in If-None-Match is not implemented, as in S3', async () => {
    await expect(put('once', 'x', { IfNoneMatch: etag })).rejects.toMatchObject(status(501))
  })

  test('with If-Match on a missing object answers 404', async () => {
    await expect(put('never-seen', 'x', { IfMatch: etag })).rejects.toMatchObject(status(404))
  })
})

describe('a copy', () => {
  const copy = (Key: string, more: Partial<ConstructorParameters<typeof CopyObjectCommand>[0]> = {}) =>
    it.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/cat`, ...more }))

  test('can go to another bucket, from a key with special characters', async () => {
    await put('a b/ü+&?/../%41', 'special')
    const CopySource = `/${Bucket}/${encodeURIComponent('a b/ü+&?/../%41')}`
    await it.s3.send(new CopyObjectCommand({ Bucket: 'others', Key: 'there', CopySource }))
    expect(await read('there', 'others')).toBe('special')
  })

  test.each<[string, () => Record<string, unknown>, number]>([
    ['with a matching CopySourceIfMatch', () => ({ CopySourceIfMatch: etag }), 200],
    ['with another ETag in CopySourceIfMatch', () => ({ CopySourceIfMatch: '"other"' }), 412],
    ['with a matching CopySourceIfNoneMatch', () => ({ CopySourceIfNoneMatch: etag }), 412],
    ['with another ETag in CopySourceIfNoneMatch', () => ({ CopySourceIfNoneMatch: '"other"' }), 200],
    ['with an earlier CopySourceIfUnmodifiedSince', () => ({ CopySourceIfUnmodifiedSince: new Date(0) }), 412],
    [
      'with a later CopySourceIfModifiedSince',
      () => ({ CopySourceIfModifiedSince: new Date(Date.now() + 60_000) }),
      412,
    ],
    ['of a missing object', () => ({ CopySource: `${Bucket}/dog` }), 404],
    ['from a missing bucket', () => ({ CopySource: 'no-such-bucket/cat' }), 404],
    ['of a bucket', () => ({ CopySource: Bucket }), 400],
    ['of a version', () => ({ CopySource: `${Bucket}/cat?versionId=1` }), 501],
    ['onto itself', () => ({ Key: 'cat' }), 400],
    ['with an unknown directive', () => ({ MetadataDirective: 'MERGE' }), 400],
  ])('%s answers %#', async (_, more, expected) => {
    const outcome = copy('conditional', more()).then((answer) => answer.$metadata.httpStatusCode)
    expect(await outcome.catch((error) => error.$metadata.httpStatusCode)).toBe(expected)
  })

  test('with If-None-Match: * does not overwrite; exactly one of twenty succeeds', async () => {
    const copies = Array.from({ length: 20 }, () => copy('race/copy', { IfNoneMatch: '*' }))
    const outcomes = await Promise.allSettled(copies)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    await expect(copy('race/copy', { IfMatch: '"other"' })).rejects.toMatchObject(status(412))
    await copy('race/copy', { IfMatch: etag })
  })
})

describe('a delete', () => {
  test('does not interrupt a running read', async () => {
    await put('read', 'x'.repeat(5_000_000))
    const { Body } = await it.s3.send(new GetObjectCommand({ Bucket, Key: 'read' }))
    await it.s3.send(new DeleteObjectCommand({ Bucket, Key: 'read' }))
    expect(await Body?.transformToString()).toHaveLength(5_000_000)
  })
})
