import { DeleteBucketCorsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { putObject } from '@/lib/s3/objects'
import { presignGet, presignPost, presignPut } from '@/lib/s3/presign'
import { differs } from './known-differences'
import { submit, toForm } from './post-form'
import { appOrigin, openSubject, type Subject } from './subject'

let it: Subject
const key = 'media/person/cat.png'

beforeAll(async () => {
  it = await openSubject()
  await putObject(it.bucket, key, 'meow', { contentType: 'image/png' })
})

afterAll(() => it.end())

function preflight(headers: Record<string, string>, path = it.pathOf(key)) {
  return it.send({ method: 'OPTIONS', path, headers })
}

const preflightOf = (method: string, origin = appOrigin) => ({ origin, 'access-control-request-method': method })

const parseList = (header: unknown) =>
  String(header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

describe('S25 a preflight', () => {
  test.each(['GET', 'POST', 'PUT'])('allows the app’s pages to %s', async (method) => {
    const { status, headers } = await preflight(preflightOf(method))
    expect(status).toBe(200)
    expect(headers['access-control-allow-origin']).toBe(appOrigin)
    expect(parseList(headers['access-control-allow-methods'])).toContain(method.toLowerCase())
    expect(Number(headers['access-control-max-age'])).toBe(3600)
  })

  test('allows the app’s pages to send the headers of a presigned PUT', async () => {
    const requested = 'content-type,if-none-match'
    const { status, headers } = await preflight({ ...preflightOf('PUT'), 'access-control-request-headers': requested })
    expect(status).toBe(200)
    expect(parseList(headers['access-control-allow-headers']).sort()).toEqual(['content-type', 'if-none-match'])
  })

  test.each([
    ['from another site', preflightOf('POST', 'https://evil.example')],
    ['from the site with another scheme', preflightOf('POST', appOrigin.replace('https', 'http'))],
    ['from the site on another port', preflightOf('POST', `${appOrigin}:8443`)],
    ['from a subdomain', preflightOf('POST', appOrigin.replace('//', '//x.'))],
    ['from a site with the same prefix', preflightOf('POST', `${appOrigin}.evil.example`)],
    ['from the origin null', preflightOf('POST', 'null')],
    ['for DELETE', preflightOf('DELETE')],
    ['for HEAD', preflightOf('HEAD')],
    ['with another header', { ...preflightOf('PUT'), 'access-control-request-headers': 'content-type,authorization' }],
    ['with an ACL', { ...preflightOf('PUT'), 'access-control-request-headers': 'x-amz-acl' }],
  ])('%s is rejected without CORS headers', async (_, headers) => {
    const answer = await preflight(headers)
    const allowsOrigin = answer.headers['access-control-allow-origin'] !== undefined
    expect(answer.status).toBe(403)
    expect(allowsOrigin).toBe(false)
  })

  test('is rejected by a bucket without rules', async () => {
    await it.s3.send(new DeleteBucketCorsCommand({ Bucket: it.otherBucket.name }))
    const answer = await preflight(preflightOf('GET'), it.pathOf(key, it.otherBucket.name))
    expect(answer.status).toBe(403)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('S25 a response', () => {
  const from = (origin: string) => ({ headers: { origin } })
  const allowedOrigin = (answer: Response) => answer.headers.get('access-control-allow-origin')

  test('to a presigned GET is readable for the app’s pages, including its ETag', async () => {
    const answer = await fetch(await presignGet(it.bucket, key), from(appOrigin))
    expect(answer.status).toBe(200)
    expect(allowedOrigin(answer)).toBe(appOrigin)
    expect(parseList(answer.headers.get('access-control-expose-headers'))).toContain('etag')
    expect(parseList(answer.headers.get('vary'))).toContain('origin')
  })

  test('to a form is readable, whether the form is stored or rejected', async () => {
    const options = { contentType: 'image/png', maxBytes: 4, expiresInSeconds: 60 }
    const { url, fields } = await presignPost(it.bucket, 'incoming/person/1', options)
    for (const [status, changed, content] of [
      [204, {}, 'meow'],
      [400, {}, 'meow!'],
      [403, { key: 'users/person/1' }, 'meow'],
    ] as const) {
      const answer = await submit({ ...toForm(url, { ...fields, ...changed }, content), origin: appOrigin })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('access-control-allow-origin')).toBe(appOrigin)
    }
  })

  test('to a presigned PUT is readable', async () => {
    const options = { contentType: 'image/png', bytes: 4, expiresInSeconds: 60 }
    const { url, headers } = await presignPut(it.bucket, 'incoming/person/2', options)
    const answer = await fetch(url, { method: 'PUT', body: 'meow', headers: { ...headers, origin: appOrigin } })
    expect(answer.status).toBe(200)
    expect(allowedOrigin(answer)).toBe(appOrigin)
  })

  test('that is an error is readable, so that the page can show the reason', async () => {
    const url = (await presignGet(it.bucket, key)).replace(/.$/, 'x')
    const answer = await fetch(url, from(appOrigin))
    expect(answer.status).toBe(403)
    if (differs('cors-on-refusal')) expect(allowedOrigin(answer)).toBeNull()
    else expect(allowedOrigin(answer)).toBe(appOrigin)
  })

  test('has no CORS headers for another site', async () => {
    const answer = await fetch(await presignGet(it.bucket, key), from('https://evil.example'))
    expect(allowedOrigin(answer)).toBeNull()
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  test('has no CORS headers for a request without an origin', async () => {
    expect(allowedOrigin(await fetch(await presignGet(it.bucket, key)))).toBeNull()
  })
})
