import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getObject, headObject, putObject } from '@/lib/s3/objects'
import { presignGet, presignPut } from '@/lib/s3/presign'
import { differs } from './known-differences'
import { openSubject, type Subject } from './subject'

let it: Subject
let path: string
const kept = 'media/person/cat.png'
const minuteMs = 60_000

beforeAll(async () => {
  it = await openSubject()
  path = it.pathOf(kept)
  await putObject(it.bucket, kept, 'meow', { contentType: 'image/png', cacheControl: 'public, max-age=31536000' })
})

afterAll(() => it.end())

describe('a presigned GET', () => {
  const get = (request: Partial<Parameters<Subject['presignedPath']>[0]> = {}, method = 'GET') =>
    it.send({ method, path: it.presignedPath({ method: 'GET', path, ...request }) })

  test('from the app returns the object with its type and cache header', async () => {
    const answer = await fetch(await presignGet(it.bucket, kept))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('meow')
    expect(answer.headers.get('content-type')).toBe('image/png')
    // The store's own value is for public URLs.
    expect(answer.headers.get('cache-control')).toBe('private')
  })

  test('with a file name makes browsers save the object under that name', async () => {
    const answer = await fetch(await presignGet(it.bucket, kept, { downloadName: 'avatar-2026-11-22.png' }))
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="avatar-2026-11-22.png"')
    expect(await answer.text()).toBe('meow')
  })

  test('passes if it is computed by the specification instead of the SDK', async () => {
    expect(await get()).toMatchObject({ status: 200, text: 'meow' })
  })

  test.each(['HEAD', 'PUT', 'DELETE'])('is rejected for %s', async (method) => {
    expect((await get({}, method)).status).toBe(403)
    expect(await headObject(it.bucket, kept)).toMatchObject({ size: 4 })
  })

  test('is rejected after it expired', async () => {
    const soon = it.presignedPath({ method: 'GET', path, expiresInSeconds: 2 })
    expect(await it.send({ method: 'GET', path: soon })).toMatchObject({ status: 200 })
    await sleep(3_100)
    expect(await it.send({ method: 'GET', path: soon })).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('is rejected before it is valid', async () => {
    const answer = await get({ signedAt: new Date(Date.now() + 16 * minuteMs) })
    if (differs('presigned-early')) expect(answer.status).toBe(200)
    else expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('can be valid for a week, but not longer', async () => {
    expect(await get({ expiresInSeconds: 604_800 })).toMatchObject({ status: 200 })
    expect([400, 403]).toContain((await get({ expiresInSeconds: 604_801 })).status)
  })

  test.each<[string, (url: string) => string]>([
    ['another key', (url) => url.replace('cat.png', 'dog.png')],
    ['another bucket', (url) => url.replace(it.bucket.name, it.otherBucket.name)],
    ['another expiry', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['another date', (url) => url.replace(/X-Amz-Date=(\d{8})T\d{6}/, 'X-Amz-Date=$1T000001')],
    [
      'one flipped bit in the signature',
      (url) => url.replace(/.$/, (last) => (Number.parseInt(last, 16) ^ 1).toString(16)),
    ],
    ['an extra parameter', (url) => `${url}&response-content-type=text%2Fhtml`],
    ['a parameter twice', (url) => `${url}&X-Amz-Expires=600`],
    ['fewer signed headers', (url) => url.replace('X-Amz-SignedHeaders=host', 'X-Amz-SignedHeaders=')],
    ['no signature', (url) => url.replace(/&X-Amz-Signature=\w+/, '')],
    ['another account', (url) => url.replace(it.account.accessKeyId, 'SOMEBODY')],
  ])('is rejected with %s', async (_, tamper) => {
    const url = it.presignedPath({ method: 'GET', path })
    const tampered = tamper(url)
    expect(tampered).not.toBe(url)
    const answer = await it.send({ method: 'GET', path: tampered })
    expect([400, 403]).toContain(answer.status)
    expect(answer.text).not.toContain('meow')
  })

  test('is rejected with another secret', async () => {
    expect(await get({ secretAccessKey: 'guess' })).toMatchObject({ status: 403 })
  })

  test('with a signed header is rejected without that header', async () => {
    const headers = { range: 'bytes=0-1' }
    const url = it.presignedPath({ method: 'GET', path, headers })
    expect(await it.send({ method: 'GET', path: url, headers })).toMatchObject({ status: 206, text: 'me' })
    expect(await it.send({ method: 'GET', path: url })).toMatchObject({ status: 403 })
  })

  test('overrides response headers with signed parameters', async () => {
    const parameters = {
      'response-content-type': 'text/plain',
      'response-content-disposition': 'attachment; filename="cat.png"',
      'response-cache-control': 'no-store',
    }
    const { status, headers } = await get({ parameters })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'attachment; filename="cat.png"',
      'cache-control': 'no-store',
    })
  })

  test('cannot inject a header into the response', async () => {
    const parameters = { 'response-content-type': 'text/plain\r\nset-cookie: a=b' }
    // Node's parser rejects a line break in a header.
    if (differs('header-smuggling')) await expect(get({ parameters })).rejects.toThrow('Invalid header token')
    else expect(await get({ parameters })).toMatchObject({ status: 400 })
  })

  test('of a missing object answers 404 for an account that may list', async () => {
    const url = await presignGet(it.bucket, 'media/person/none')
    expect((await fetch(url)).status).toBe(404)
  })

  test('from the SDK works for a key with special characters', async () => {
    const specialKey = "a b+c/ü~*'()!&=@$,;:%41?#"
    await putObject(it.bucket, specialKey, 'x', { contentType: 'text/plain' })
    expect(await (await fetch(await presignGet(it.bucket, specialKey))).text()).toBe('x')
  })
})

describe('a presigned PUT, for stores without POST', () => {
  let key: string
  let turn = 0
  const contentType = 'image/png'
  beforeEach(() => {
    turn += 1
    key = `incoming/person/${turn}`
  })

  /** Presigns like the app, for four bytes of PNG. */
  const issue = () => presignPut(it.bucket, key, { contentType, bytes: 4, expiresInSeconds: 60 })
  const put = async (headers: Record<string, string>, body: string, change = (url: string) => url) => {
    const { url } = await issue()
    const { pathname, search } = new URL(change(url))
    const length: Record<string, string> = headers['transfer-encoding'] ? {} : { 'content-length': String(body.length) }
    return it.send({ method: 'PUT', path: pathname + search, headers: { ...length, ...headers }, body })
  }
  const right = { 'content-type': contentType, 'if-none-match': '*' }

  test('S3 S4 stores exactly the signed number of bytes with the signed type', async () => {
    const { url, headers } = await issue()
    expect((await fetch(url, { method: 'PUT', headers, body: 'meow' })).status).toBe(200)
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 4, contentType })
  })

  test('can be used once: a second PUT is rejected and changes nothing', async () => {
    expect(await put(right, 'meow')).toMatchObject({ status: 200 })
    expect(await put(right, 'purr')).toMatchObject({ status: 412, code: 'PreconditionFailed' })
    const stored = await getObject(it.bucket, key, 10)
    expect(Buffer.from(stored?.bytes ?? []).toString()).toBe('meow')
  })

  test.each<[string, Record<string, string>, string, ((url: string) => string)?]>([
    ['S1 another key', right, 'meow', (url) => url.replace(key, `${key}x`)],
    ['S1 another bucket', right, 'meow', (url) => url.replace(it.bucket.name, it.otherBucket.name)],
    ['S3 a longer body', right, 'meow!'],
    ['S3 a shorter body', right, 'meo'],
    ['S3 no body', right, ''],
    ['S3 no length', { ...right, 'transfer-encoding': 'chunked' }, 'meow'],
    ['S4 another type', { ...right, 'content-type': 'text/html' }, 'meow'],
    ['S4 SVG', { ...right, 'content-type': 'image/svg+xml' }, 'meow'],
    ['S4 no type', { 'if-none-match': '*' }, 'meow'],
    ['no If-None-Match', { 'content-type': contentType }, 'meow'],
    ['S5 a longer expiry', right, 'meow', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000')],
    ['another signing time', right, 'meow', (url) => url.replace(/(X-Amz-Date=\d{8}T)\d{6}/, '$1000001')],
    ['S6 metadata in its URL', right, 'meow', (url) => `${url}&x-amz-meta-name=cat`],
    ['S6 an ACL in its URL', right, 'meow', (url) => `${url}&x-amz-acl=public-read`],
  ])('is rejected and leaves nothing with %s', async (_, headers, body, change) => {
    const before = await it.everything()
    expect((await put(headers, body, change)).status).toBe(403)
    expect(await it.everything()).toEqual(before)
  })

  test.each([
    ['x-amz-acl', 'public-read'],
    ['x-amz-meta-name', 'cat'],
    ['x-amz-storage-class', 'STANDARD'],
  ])('S6 is rejected with the unsigned header %s', async (name, value) => {
    const answer = await put({ ...right, [name]: value }, 'meow')
    if (differs('unsigned-headers')) {
      expect(answer.status).toBe(200)
    } else {
      expect(answer.status).toBe(403)
      expect(await headObject(it.bucket, key)).toBeNull()
    }
  })

  test('S7 does not make an object public in a bucket that ignores public ACLs', async () => {
    const block = { IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
    await it.s3.send(new PutPublicAccessBlockCommand({ Bucket: it.bucket.name, PublicAccessBlockConfiguration: block }))
    await put({ ...right, 'x-amz-acl': 'public-read' }, 'meow')
    expect((await fetch(`${it.endpoint}${it.pathOf(key)}`)).status).toBe(403)
    await it.s3.send(new DeletePublicAccessBlockCommand({ Bucket: it.bucket.name }))
  })

  test('S7 is stored in a bucket that blocks public ACLs', async () => {
    const block = { BlockPublicAcls: true }
    await it.s3.send(new PutPublicAccessBlockCommand({ Bucket: it.bucket.name, PublicAccessBlockConfiguration: block }))
    expect((await put(right, 'meow')).status).toBe(differs('block-public-acls') ? 403 : 200)
    await it.s3.send(new DeletePublicAccessBlockCommand({ Bucket: it.bucket.name }))
  })

  test('S5 is rejected after it expired', async () => {
    const { url, headers } = await presignPut(it.bucket, key, { contentType, bytes: 4, expiresInSeconds: 1 })
    await sleep(2_100)
    expect((await fetch(url, { method: 'PUT', headers, body: 'meow' })).status).toBe(403)
    expect(await headObject(it.bucket, key)).toBeNull()
  })

  test('cannot be used to read', async () => {
    await put(right, 'meow')
    const { url } = await issue()
    expect((await fetch(url)).status).toBe(403)
  })

  test('stores metadata that the SDK moved to the query', async () => {
    const command = new PutObjectCommand({ Bucket: it.bucket.name, Key: key, Metadata: { name: 'cat' } })
    const url = await getSignedUrl(it.s3, command)
    expect((await fetch(url, { method: 'PUT', body: 'meow' })).status).toBe(200)
    const stored = await it.s3.send(new GetObjectCommand({ Bucket: it.bucket.name, Key: key }))
    expect(stored.Metadata).toEqual({ name: 'cat' })
  })
})
