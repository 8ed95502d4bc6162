import { type CORSRule, DeleteBucketCorsCommand, GetBucketCorsCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from './signed-request'
import { startTestStore, type TestStore } from './test-store'

let it: TestStore
const origin = 'http://localhost:3000'
const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'
const rules: CORSRule[] = [
  {
    ID: 'app',
    AllowedOrigins: [origin, 'https://*.example.org'],
    AllowedMethods: ['GET', 'POST'],
    AllowedHeaders: ['Content-Type', 'x-amz-*'],
    ExposeHeaders: ['ETag', 'Location'],
    MaxAgeSeconds: 600,
  },
  { AllowedOrigins: ['*'], AllowedMethods: ['HEAD'] },
]

beforeAll(async () => {
  it = await startTestStore()
  await putRules(rules)
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

const putRules = (CORSRules: CORSRule[]) =>
  it.s3.send(new PutBucketCorsCommand({ Bucket: it.bucket, CORSConfiguration: { CORSRules } }))

function preflight(headers: Record<string, string>, path = '/pictures') {
  return send(it.store.endpoint, { method: 'OPTIONS', path, headers })
}

function corsHeadersOf(headers: Record<string, unknown>): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
}

describe('a preflight', () => {
  test('gets all headers that a browser needs if a rule allows it', async () => {
    const answer = await preflight({
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, X-Amz-Date',
    })
    expect(answer).toMatchObject({ status: 200, text: '' })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type, x-amz-date',
      'access-control-expose-headers': 'ETag, Location',
      'access-control-max-age': '600',
      vary,
    })
  })

  test('passes for an origin that matches a wildcard', async () => {
    const headers = { origin: 'https://me.example.org', 'access-control-request-method': 'GET' }
    expect((await preflight(headers)).headers['access-control-allow-origin']).toBe('https://me.example.org')
  })

  test('gets * without credentials if any origin is allowed', async () => {
    const { headers } = await preflight({ origin: 'http://anyone', 'access-control-request-method': 'HEAD' })
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })

  test.each([
    ['an origin with the same ending', { origin: 'https://example.org' }],
    ['a header with another prefix', { 'access-control-request-headers': 'content-type, xx-amz-date' }],
  ])('with %s is rejected without CORS headers', async (_, change) => {
    const answer = await preflight({ origin, 'access-control-request-method': 'POST', ...change })
    expect(answer).toMatchObject({ status: 403, code: 'AccessForbidden' })
    expect(corsHeadersOf(answer.headers)).toEqual([])
  })

  test('without its headers is a 400', async () => {
    expect(await preflight({ origin })).toMatchObject({ status: 400, code: 'BadRequest' })
    expect(await preflight({ 'access-control-request-method': 'GET' })).toMatchObject({ status: 400 })
  })

  test('for a missing bucket is rejected', async () => {
    const headers = { origin, 'access-control-request-method': 'GET' }
    expect(await preflight(headers, '/no-such-bucket/x')).toMatchObject({ status: 403, code: 'AccessForbidden' })
  })
})

describe('the rules of a bucket', () => {
  test('are returned as they were stored', async () => {
    const { CORSRules } = await it.s3.send(new GetBucketCorsCommand({ Bucket: it.bucket }))
    expect(CORSRules).toEqual(rules)
  })

  test.each<[string, CORSRule]>([
    ['two wildcards in an origin', { AllowedOrigins: ['https://*.*.org'], AllowedMethods: ['GET'] }],
    ['two wildcards in a header', { AllowedOrigins: ['*'], AllowedMethods: ['GET'], AllowedHeaders: ['x-*-*'] }],
    ['a wildcard among exposed headers', { AllowedOrigins: ['*'], AllowedMethods: ['GET'], ExposeHeaders: ['*'] }],
    ['an unknown method', { AllowedOrigins: ['*'], AllowedMethods: ['PATCH'] }],
    ['no method', { AllowedOrigins: ['*'], AllowedMethods: [] }],
    ['no origin', { AllowedOrigins: [], AllowedMethods: ['GET'] }],
  ])('are rejected with %s', async (_, rule) => {
    await expect(putRules([rule])).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
    const { CORSRules } = await it.s3.send(new GetBucketCorsCommand({ Bucket: it.bucket }))
    expect(CORSRules).toEqual(rules)
  })

  test('survive a restart and can be deleted', async () => {
    await it.restart()
    const { CORSRules } = await it.s3.send(new GetBucketCorsCommand({ Bucket: it.bucket }))
    expect(CORSRules).toEqual(rules)
    await it.s3.send(new DeleteBucketCorsCommand({ Bucket: it.bucket }))
    await expect(it.s3.send(new GetBucketCorsCommand({ Bucket: it.bucket }))).rejects.toMatchObject({
      name: 'NoSuchCORSConfiguration',
    })
    const answer = await preflight({ origin, 'access-control-request-method': 'GET' })
    expect(answer).toMatchObject({ status: 403, code: 'AccessForbidden' })
  })
})
