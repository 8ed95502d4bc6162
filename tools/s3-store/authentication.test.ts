import { PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { amzDate, credentialOf, presignedPath, send, sendSigned, signatureOf } from './signed-request'
import { account, createClient, startTestStore, type TestStore } from './test-store'

let it: TestStore
let endpoint: string
const path = '/pictures/cat.png'
const minuteMs = 60_000

beforeAll(async () => {
  it = await startTestStore()
  endpoint = it.store.endpoint
  const body = { Bucket: it.bucket, Key: 'cat.png', Body: 'meow', ContentType: 'image/png' }
  await it.s3.send(new PutObjectCommand(body))
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

describe('a signature in the Authorization header', () => {
  test('is rejected for another region, and the error names the right one', async () => {
    const answer = await sendSigned(endpoint, { method: 'GET', path, region: 'us-east-1' })
    expect(answer).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' })
    expect(answer.text).toContain(`<Region>${account.region}</Region>`)
  })

  test('is rejected with an x-amz header that is not signed', async () => {
    const answer = await sendSigned(endpoint, { method: 'GET', path, unsigned: { 'x-amz-meta-added': 'later' } })
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect(answer.text).toContain('<HeadersNotSigned>x-amz-meta-added</HeadersNotSigned>')
  })

  test.each([
    ['of version 2', 'AWS AKID:signature', 'InvalidRequest'],
    ['incomplete', 'AWS4-HMAC-SHA256 Credential=x', 'AuthorizationHeaderMalformed'],
    ['a bearer token', 'Bearer abc', 'InvalidRequest'],
  ])('is rejected if it is %s', async (_, authorization, code) => {
    const headers = { authorization, 'x-amz-date': amzDate(new Date()) }
    expect(await send(endpoint, { method: 'GET', path, headers })).toMatchObject({ status: 400, code })
  })

  test('is rejected with an invalid session token', async () => {
    const answer = await sendSigned(endpoint, { method: 'GET', path, headers: { 'x-amz-security-token': 'made-up' } })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidToken' })
  })

  test('is rejected without x-amz-content-sha256', async () => {
    const signedAt = new Date()
    const headers = { host: new URL(endpoint).host, 'x-amz-date': amzDate(signedAt) }
    const signing = { method: 'GET', path, headers, payloadHash: 'UNSIGNED-PAYLOAD', signedAt }
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${credentialOf(signing)}, ` +
      `SignedHeaders=host;x-amz-date, Signature=${signatureOf(signing)}`
    const answer = await send(endpoint, { method: 'GET', path, headers: { ...headers, authorization } })
    expect(answer).toMatchObject({ status: 400, code: 'MissingSecurityHeader' })
  })

  test('is rejected together with a signature in the query', async () => {
    const query = presignedPath(endpoint, { method: 'GET', path })
    expect(await sendSigned(endpoint, { method: 'GET', path: query })).toMatchObject({ code: 'InvalidArgument' })
  })
})

test.each([
  ['GET', '/'],
  ['GET', '/no-such-bucket/x'],
  ['PATCH', path],
])('rejects an anonymous %s %s before looking up bucket or key', async (method, target) => {
  expect((await send(endpoint, { method, path: target })).status).toBe(403)
})

describe('a presigned URL', () => {
  test('is rejected with a reason if it has expired or is not yet valid', async () => {
    const times = { 'Request has expired': -61_000, 'not yet valid': 16 * minuteMs }
    for (const [message, offsetMs] of Object.entries(times)) {
      const signedAt = new Date(Date.now() + offsetMs)
      const url = presignedPath(endpoint, { method: 'GET', path, signedAt, expiresInSeconds: 60 })
      expect((await send(endpoint, { method: 'GET', path: url })).text).toContain(message)
    }
  })

  test.each(['0', '604801', '-1', 'soon', '1e3'])(
    'is rejected with an expiry of %s seconds',
    async (expiresInSeconds) => {
      const wrong = presignedPath(endpoint, { method: 'GET', path, expiresInSeconds })
      const answer = await send(endpoint, { method: 'GET', path: wrong })
      expect(answer).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' })
    },
  )

  test.each([
    ['a parameter called __proto__', (url: string) => `${url}&__proto__=x`],
    ['an invalid session token', (url: string) => `${url}&X-Amz-Security-Token=made-up`],
  ])('is rejected with %s added', async (_, tamper) => {
    const url = presignedPath(endpoint, { method: 'GET', path })
    expect(await send(endpoint, { method: 'GET', path: tamper(url) })).toMatchObject({ status: 400 })
  })

  test('overrides response headers with signed parameters', async () => {
    const parameters = {
      'response-content-type': 'text/plain',
      'response-content-disposition': 'attachment; filename="ä.png"',
      'response-cache-control': 'no-store',
      'response-content-language': 'de',
      'response-expires': 'Thu, 01 Jan 2032 00:00:00 GMT',
      'response-content-encoding': 'identity',
    }
    const url = presignedPath(endpoint, { method: 'GET', path, parameters })
    const { status, headers } = await send(endpoint, { method: 'GET', path: url })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'content-language': 'de',
      expires: 'Thu, 01 Jan 2032 00:00:00 GMT',
      'content-encoding': 'identity',
    })
    expect(Buffer.from(String(headers['content-disposition']), 'latin1').toString('utf8')).toContain('ä.png')
  })
})

describe('a presigned PUT', () => {
  test('with the checksum of an empty body, the default of the SDK, rejects other bodies', async () => {
    const defaults = createClient(endpoint, { requestChecksumCalculation: 'WHEN_SUPPORTED' })
    const url = await getSignedUrl(defaults, new PutObjectCommand({ Bucket: it.bucket, Key: 'put/crc' }))
    const answer = await fetch(url, { method: 'PUT', body: 'meow' })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('<Code>BadDigest</Code>')
  })
})
