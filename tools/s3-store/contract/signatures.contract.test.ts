import { createHash, randomUUID } from 'node:crypto'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getObject, headObject, putObject } from '@/lib/s3/objects'
import { amzDate, credentialOf, type SignedRequest, signatureOf } from '@/tools/s3-store/signed-request'
import { differs } from './known-differences'
import { createClient, openSubject, type Subject } from './subject'

let it: Subject
let path: string
const key = 'media/person/cat.png'
const minuteMs = 60_000
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

beforeAll(async () => {
  it = await openSubject()
  path = it.pathOf(key)
  await putObject(it.bucket, key, 'meow', { contentType: 'image/png' })
})

afterAll(() => it.end())

describe('a signature in the Authorization header', () => {
  test('passes if it is computed by the specification instead of the SDK', async () => {
    expect(await it.sendSigned({ method: 'GET', path })).toMatchObject({ status: 200, text: 'meow' })
  })

  test('passes for a key and a query with special characters', async () => {
    const specialPath = it.pathOf("a b+c/ü~*'()!&=@$,;:%41")
    expect(await it.sendSigned({ method: 'PUT', path: specialPath, body: 'x' })).toMatchObject({ status: 200 })
    expect(await it.sendSigned({ method: 'GET', path: specialPath })).toMatchObject({ status: 200, text: 'x' })
    const listing = `/${it.bucket.name}?list-type=2&prefix=a%20b%2Bc%2F`
    expect((await it.sendSigned({ method: 'GET', path: listing })).text).toContain('<KeyCount>1</KeyCount>')
  })

  test.each([-14, 14])('passes if the clock is %i minutes off', async (minutes) => {
    const signedAt = new Date(Date.now() + minutes * minuteMs)
    expect(await it.sendSigned({ method: 'GET', path, signedAt })).toMatchObject({ status: 200 })
  })

  test.each([-16, 16])(
    'is rejected if the clock is %i minutes off, with the code that makes the SDK correct its clock',
    async (minutes) => {
      const signedAt = new Date(Date.now() + minutes * minuteMs)
      const answer = await it.sendSigned({ method: 'GET', path, signedAt })
      expect(answer).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' })
    },
  )

  test('is rejected for another region', async () => {
    const answer = await it.sendSigned({ method: 'GET', path, region: 'xx-nowhere-1' })
    if (differs('any-region')) expect(answer.status).toBe(200)
    else expect([400, 403]).toContain(answer.status)
  })

  test.each<[string, Partial<SignedRequest>, string]>([
    ['a wrong secret', { secretAccessKey: 'guess' }, 'SignatureDoesNotMatch'],
    ['an unknown account', { accessKeyId: 'SOMEBODY' }, 'InvalidAccessKeyId'],
  ])('is rejected with %s', async (_, change, code) => {
    expect(await it.sendSigned({ method: 'GET', path, ...change })).toMatchObject({ status: 403, code })
  })

  test.each<[string, (sent: { method: string; path: string }) => { method: string; path: string }]>([
    ['another key', (sent) => ({ ...sent, path: it.pathOf('media/person/dog.png') })],
    ['another bucket', (sent) => ({ ...sent, path: it.pathOf(key, it.otherBucket.name) })],
    ['another method', (sent) => ({ ...sent, method: 'DELETE' })],
    ['an extra parameter', (sent) => ({ ...sent, path: `${sent.path}?response-content-type=text%2Fhtml` })],
  ])('is rejected on a request with %s', async (_, change) => {
    const sent = { method: 'GET', path }
    const answer = await it.send({ ...change(sent), headers: signedHeaders(sent) })
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    expect(answer.text).not.toContain('meow')
    expect(await headObject(it.bucket, key)).toMatchObject({ size: 4 })
  })

  test('is rejected with a changed signed header', async () => {
    const target = it.pathOf('tampered/header')
    const answer = await it.sendSigned({
      method: 'PUT',
      path: target,
      body: 'meow',
      headers: { 'content-type': 'image/png' },
      unsigned: { 'content-type': 'text/html' },
    })
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    expect(await headObject(it.bucket, 'tampered/header')).toBeNull()
  })

  test('is rejected with an unsigned x-amz header', async () => {
    const target = `tampered/${randomUUID()}`
    const request = { method: 'PUT', path: it.pathOf(target), body: 'meow', unsigned: { 'x-amz-meta-added': 'later' } }
    const answer = await it.sendSigned(request)
    if (differs('unsigned-headers')) {
      expect(answer.status).toBe(200)
    } else {
      expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
      expect(await headObject(it.bucket, target)).toBeNull()
    }
  })

  test('is rejected with another body', async () => {
    const request = { method: 'PUT', path: it.pathOf('tampered/body'), body: 'woof', payloadHash: sha256('meow') }
    expect(await it.sendSigned(request)).toMatchObject({ status: 400, code: 'XAmzContentSHA256Mismatch' })
    expect(await headObject(it.bucket, 'tampered/body')).toBeNull()
  })

  test.each([
    ['of version 2', 'AWS AKID:signature'],
    ['incomplete', 'AWS4-HMAC-SHA256 Credential=x'],
    ['a bearer token', 'Bearer abc'],
  ])('is rejected if it is %s', async (_, authorization) => {
    const headers = { authorization, 'x-amz-date': amzDate(new Date()), 'x-amz-content-sha256': sha256('') }
    const answer = await it.send({ method: 'GET', path, headers })
    expect([400, 403]).toContain(answer.status)
    expect(answer.text).not.toContain('meow')
  })

  test('is rejected with an invalid session token', async () => {
    const answer = await it.sendSigned({ method: 'GET', path, headers: { 'x-amz-security-token': 'made-up' } })
    if (differs('any-session-token')) expect(answer.status).toBe(200)
    else expect([400, 403]).toContain(answer.status)
  })

  test('from the SDK with a wrong secret gets 403', async () => {
    const client = createClient(it.store, 'guess')
    const outcome = client.send(new HeadBucketCommand({ Bucket: it.bucket.name }))
    await expect(outcome).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })
})

describe('rejects an anonymous request', () => {
  test.each<[string, string, () => string]>([
    ['GET', 'an object', () => path],
    ['HEAD', 'an object', () => path],
    ['PUT', 'an object', () => it.pathOf('media/person/mine')],
    ['DELETE', 'an object', () => path],
    ['GET', 'a missing object', () => it.pathOf('media/person/none')],
    ['GET', 'the keys', () => `/${it.bucket.name}?list-type=2`],
    ['HEAD', 'the bucket', () => `/${it.bucket.name}`],
    ['DELETE', 'the bucket', () => `/${it.otherBucket.name}`],
    ['POST', 'a deletion of many', () => `/${it.bucket.name}?delete`],
    ['GET', 'the CORS rules', () => `/${it.bucket.name}?cors`],
    ['PUT', 'the lifecycle rules', () => `/${it.bucket.name}?lifecycle`],
  ])('%s %s', async (method, _, target) => {
    const before = await it.everything()
    expect((await it.send({ method, path: target() })).status).toBe(403)
    expect(await it.everything()).toEqual(before)
  })
})

test('buckets are separate', async () => {
  expect(await getObject(it.otherBucket, key, 10)).toBeNull()
  expect(await getObject(it.bucket, key, 10)).not.toBeNull()
})

/** Returns the signed headers of a request without a body. */
function signedHeaders({ method, path: target }: { method: string; path: string }): Record<string, string> {
  const signedAt = new Date()
  const payloadHash = sha256('')
  const headers = {
    host: new URL(it.endpoint).host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': amzDate(signedAt),
  }
  const signing = { ...it.account, method, path: target, headers, payloadHash, signedAt }
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentialOf(signing)}, ` +
    `SignedHeaders=${Object.keys(headers).join(';')}, Signature=${signatureOf(signing)}`
  return { ...headers, authorization }
}
