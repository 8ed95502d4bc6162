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

const asking = (method: string, origin = appOrigin) => ({ origin, 'access-control-request-method': method })

const listed = (header: unknown) =>
  String(header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

describe('S25 a preflight', () => {
  test.each(['GET', 'POST', 'PUT'])('of the app’s pages may %s', async (method) => {
    const { status, headers } = await preflight(asking(method))
    expect(status).toBe(200)
    expect(headers['access-control-allow-origin']).toBe(appOrigin)
    expect(listed(headers['access-control-allow-methods'])).toContain(method.toLowerCase())
    expect(Number(headers['access-control-max-age'])).toBe(3600)
  })

  test('of the app’s pages may send what a presigned PUT is sent with', async () => {
    const wanted = 'content-type,if-none-match'
    const { status, headers } = await preflight({ ...asking('PUT'), 'access-control-request-headers': wanted })
    expect(status).toBe(200)
    expect(listed(headers['access-control-allow-headers']).sort()).toEqual(['content-type', 'if-none-match'])
  })

  test.each([
    ['of another site', asking('POST', 'https://evil.example')],
    ['of the site by another scheme', asking('POST', appOrigin.replace('https', 'http'))],
    ['of the site by another port', asking('POST', `${appOrigin}:8443`)],
    ['of a site below it', asking('POST', appOrigin.replace('//', '//x.'))],
    ['of a site that begins alike', asking('POST', `${appOrigin}.evil.example`)],
    ['of no origin', asking('POST', 'null')],
    ['for DELETE', asking('DELETE')],
    ['for HEAD', asking('HEAD')],
    ['with another header', { ...asking('PUT'), 'access-control-request-headers': 'content-type,authorization' }],
    ['with an ACL', { ...asking('PUT'), 'access-control-request-headers': 'x-amz-acl' }],
  ])('%s is refused without a word that a browser could use', async (_, headers) => {
    const answer = await preflight(headers)
    const allowsOrigin = answer.headers['access-control-allow-origin'] !== undefined
    expect(answer.status).toBe(403)
    expect(allowsOrigin).toBe(false)
  })

  test('is the bucket’s own: another without rules refuses', async () => {
    await it.s3.send(new DeleteBucketCorsCommand({ Bucket: it.otherBucket.name }))
    const answer = await preflight(asking('GET'), it.pathOf(key, it.otherBucket.name))
    expect(answer.status).toBe(403)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('S25 an answer', () => {
  const from = (origin: string) => ({ headers: { origin } })
  const allowedOrigin = (answer: Response) => answer.headers.get('access-control-allow-origin')

  test('to a presigned GET may be read by the app’s pages, its ETag included', async () => {
    const answer = await fetch(await presignGet(it.bucket, key), from(appOrigin))
    expect(answer.status).toBe(200)
    expect(allowedOrigin(answer)).toBe(appOrigin)
    expect(listed(answer.headers.get('access-control-expose-headers'))).toContain('etag')
    expect(listed(answer.headers.get('vary'))).toContain('origin')
  })

  test('to a form may be read, stored or refused', async () => {
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

  test('to a presigned PUT may be read', async () => {
    const options = { contentType: 'image/png', bytes: 4, expiresInSeconds: 60 }
    const { url, headers } = await presignPut(it.bucket, 'incoming/person/2', options)
    const answer = await fetch(url, { method: 'PUT', body: 'meow', headers: { ...headers, origin: appOrigin } })
    expect(answer.status).toBe(200)
    expect(allowedOrigin(answer)).toBe(appOrigin)
  })

  test('that refuses may be read, so that the page can say why', async () => {
    const url = (await presignGet(it.bucket, key)).replace(/.$/, 'x')
    const answer = await fetch(url, from(appOrigin))
    expect(answer.status).toBe(403)
    if (differs('cors-on-refusal')) expect(allowedOrigin(answer)).toBeNull()
    else expect(allowedOrigin(answer)).toBe(appOrigin)
  })

  test('to another site’s page cannot be read', async () => {
    const answer = await fetch(await presignGet(it.bucket, key), from('https://evil.example'))
    expect(allowedOrigin(answer)).toBeNull()
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  test('to who has no origin says nothing about any', async () => {
    expect(allowedOrigin(await fetch(await presignGet(it.bucket, key)))).toBeNull()
  })
})
